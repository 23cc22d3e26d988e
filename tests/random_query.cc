#include "tests/random_query.h"

#include "tests/random_expression.h"

namespace penstock::tests {
namespace {

std::string Joined(const std::vector<std::string>& parts, const char* separator = ", ") {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part;
  return text;
}

// What stands behind FROM, and what can be referred to.
struct From {
  std::string text;
  Columns columns;
};

// Names are given out once in a query, so that subqueries can refer to what is around them.
class Grammar {
 public:
  Grammar(Choice& choice, const std::vector<RandomTable>& sources)
      : choice_(choice), sources_(sources) {}

  RandomQuery Query(int depth) {
    struct Form {
      size_t weight;
      const char* name;
      RandomQuery (Grammar::*make)(int);
    };
    static const std::vector<Form> kForms = {{24, "select", &Grammar::Select},
                                             {26, "group", &Grammar::Group},
                                             {8, "grouping sets", &Grammar::Sets},
                                             {10, "set operation", &Grammar::SetOperation},
                                             {6, "distinct", &Grammar::Distinct},
                                             {4, "distinct on", &Grammar::DistinctOn},
                                             {12, "window", &Grammar::Window},
                                             {5, "qualify", &Grammar::Qualify},
                                             {5, "top", &Grammar::Top},
                                             {4, "global aggregate", &Grammar::Global},
                                             {3, "lateral", &Grammar::Lateral},
                                             {3, "shared", &Grammar::Shared},
                                             {3, "pivot", &Grammar::Pivot},
                                             {3, "unnest", &Grammar::Unnest}};
    size_t sum = 0;
    for (const Form& form : kForms) sum += form.weight;
    size_t drawn = choice_.Below(sum);
    for (const Form& form : kForms) {
      if (drawn < form.weight) {
        RandomQuery query = (this->*form.make)(depth);
        query.shape = form.name;
        return query;
      }
      drawn -= form.weight;
    }
    return Select(depth);
  }

 private:
  std::string Fresh(const char* prefix) { return prefix + std::to_string(next_++); }

  // ---- sources

  // "(…) AS r1", with its columns named by it.
  From Named(const std::string& text, const Columns& columns) {
    const std::string alias = Fresh("r");
    From from{text + " AS " + alias, {}};
    for (const RandomColumn& column : columns) {
      from.columns.push_back({alias + "." + column.name, column.kind, column.type});
    }
    return from;
  }

  From Source(int depth) {
    if (depth > 0 && choice_.Chance(30)) {
      const RandomQuery query = Query(depth - 1);
      return Named("(" + query.text + ")", query.columns);
    }
    if (choice_.Chance(4)) {
      const std::string alias = Fresh("r");
      return {"(VALUES (1, 'a'), (2, NULL), (NULL, 's'), (1, 'a')) AS " + alias + "(n, t)",
              {{alias + ".n", Kind::kInteger, ""}, {alias + ".t", Kind::kText, ""}}};
    }
    const RandomTable& table = choice_.Of(sources_);
    return Named(table.name, table.columns);
  }

  From Sources(int depth) {
    From from = Source(depth);
    for (size_t more = choice_.Chance(45) ? 1 + choice_.Below(3) : 0; more > 0; --more) {
      Join(depth, &from);
    }
    return from;
  }

  void Join(int depth, From* from) {
    From right = Source(depth - 1);
    const auto pair = ComparablePair(choice_, from->columns, right.columns);
    if (!pair || choice_.Chance(4)) {
      from->text += " CROSS JOIN " + right.text;
    } else if (choice_.Chance(8)) {
      return AsofJoin(*pair, from);
    } else {
      const std::string kind = choice_.Word({"JOIN", "JOIN", "JOIN", "LEFT JOIN", "LEFT JOIN",
                                             "RIGHT JOIN", "FULL JOIN", "SEMI JOIN", "ANTI JOIN"});
      from->text += " " + kind + " " + right.text + " ON " + Condition(*pair, *from, right, kind);
      if (kind == "SEMI JOIN" || kind == "ANTI JOIN") return;
    }
    from->columns.insert(from->columns.end(), right.columns.begin(), right.columns.end());
  }

  std::string Condition(const std::pair<RandomColumn, RandomColumn>& pair, const From& left,
                        const From& right, const std::string& kind) {
    const bool inner = kind == "JOIN";
    if (inner && choice_.Chance(8)) return pair.first.name + " < " + pair.second.name;
    std::string condition =
        pair.first.name + (choice_.Chance(8) ? " IS NOT DISTINCT FROM " : " = ") + pair.second.name;
    if (kind != "FULL JOIN" && choice_.Chance(25)) {
      const auto other = ComparablePair(choice_, left.columns, right.columns);
      if (other) condition += " AND " + other->first.name + " <= " + other->second.name;
    }
    if (inner && choice_.Chance(15)) {
      condition += " AND " + RandomPredicate(choice_, right.columns, 1);
    }
    return condition;
  }

  // The nearest partner is determined, since no two of them are equal.
  void AsofJoin(const std::pair<RandomColumn, RandomColumn>& keys, From* from) {
    const RandomTable& table = choice_.Of(sources_);
    const auto near = ComparablePair(choice_, from->columns, table.columns);
    const auto same = ComparablePair(choice_, from->columns, table.columns);
    if (!near || !same || near->second.kind == Kind::kBoolean || keys.first.name.empty()) return;
    // The engine takes NULL for near to everything when it has many rows.
    const std::string left =
        "coalesce(" + near->first.name + ", " + RandomConstant(choice_, near->first.kind) + ")";
    const std::string alias = Fresh("r");
    from->text += choice_.Word({" ASOF JOIN ", " ASOF LEFT JOIN "}) + std::string("(SELECT ") +
                  "DISTINCT " + same->second.name + " AS y, " + near->second.name + " AS z FROM " +
                  table.name + ") AS " + alias + " ON " + same->first.name + " = " + alias +
                  ".y AND " + left + choice_.Word({" >= ", " > ", " <= "}) + alias + ".z";
    from->columns.push_back({alias + ".y", same->second.kind, ""});
    from->columns.push_back({alias + ".z", near->second.kind, ""});
  }

  // ---- conditions with subqueries

  std::string Correlation(const Columns& inner, const Columns& outer) {
    const auto pair = ComparablePair(choice_, inner, outer);
    if (!pair) return "true";
    std::string condition = pair->first.name + " = " + pair->second.name;
    if (choice_.Chance(25)) {
      const auto other = ComparablePair(choice_, inner, outer);
      if (other) condition += " AND " + other->first.name + " < " + other->second.name;
    }
    return condition;
  }

  // One value for each row around it.
  RandomColumn ScalarSubquery(const Columns& outer, int depth) {
    const From from = Source(depth - 1);
    const RandomColumn call = RandomAggregate(choice_, from.columns, {});
    std::string text = "(SELECT " + call.name + " FROM " + from.text;
    if (choice_.Chance(60)) text += " WHERE " + Correlation(from.columns, outer);
    return {text + ")", call.kind, ""};
  }

  std::string SubqueryPredicate(const Columns& outer, int depth) {
    if (choice_.Chance(25)) {
      const RandomColumn value = ScalarSubquery(outer, depth);
      const auto column = ColumnOfKind(choice_, outer, value.kind);
      if (value.kind == Kind::kList || value.kind == Kind::kDouble) return value.name + " IS NULL";
      return (column ? *column : RandomConstant(choice_, value.kind)) +
             choice_.Word({" > ", " <= ", " = "}) + value.name;
    }
    const From from = Source(depth - 1);
    const auto pair = ComparablePair(choice_, outer, from.columns);
    if (pair && choice_.Chance(55)) {
      std::string text = pair->first.name + choice_.Word({" IN ", " IN ", " NOT IN "}) +
                         "(SELECT " + pair->second.name + " FROM " + from.text;
      if (choice_.Chance(60)) text += " WHERE " + RandomPredicate(choice_, from.columns, 1);
      return text + ")";
    }
    return choice_.Word({"EXISTS ", "NOT EXISTS "}) + std::string("(SELECT 1 FROM ") + from.text +
           " WHERE " + Correlation(from.columns, outer) +
           (choice_.Chance(40) ? " AND " + RandomPredicate(choice_, from.columns, 0) : "") + ")";
  }

  std::string Where(const From& from, int depth) {
    std::vector<std::string> conditions;
    if (choice_.Chance(40)) conditions.push_back(RandomPredicate(choice_, from.columns, 2));
    if (choice_.Chance(25)) {
      std::string subquery = SubqueryPredicate(from.columns, depth);
      if (choice_.Chance(15)) {
        subquery = "(" + subquery + " OR " + RandomPredicate(choice_, from.columns, 0) + ")";
      }
      conditions.push_back(std::move(subquery));
    }
    return conditions.empty() ? "" : " WHERE " + Joined(conditions, " AND ");
  }

  // ---- what a query gives

  // Adds "value AS x7" to the list and its column to the query.
  void Give(const RandomColumn& value, RandomQuery* query, std::vector<std::string>* list) {
    const std::string name = Fresh("x");
    list->push_back(value.name + " AS " + name);
    query->columns.push_back({name, value.kind, ""});
  }

  RandomQuery Select(int depth) {
    const From from = Sources(depth);
    RandomQuery query;
    std::vector<std::string> list;
    for (size_t i = 0, count = 1 + choice_.Below(4); i < count; ++i) {
      Give(RandomValue(choice_, from.columns), &query, &list);
    }
    if (choice_.Chance(10)) Give(ScalarSubquery(from.columns, depth), &query, &list);
    query.text = "SELECT " + Joined(list) + " FROM " + from.text + Where(from, depth);
    return query;
  }

  Columns Keys(const From& from, size_t count) {
    Columns keys;
    for (size_t i = 0; i < count; ++i) {
      const RandomColumn key =
          choice_.Chance(75) ? choice_.Of(from.columns) : RandomValue(choice_, from.columns);
      bool known = false;
      for (const RandomColumn& other : keys) known |= other.name == key.name;
      if (!known) keys.push_back(key);
    }
    return keys;
  }

  static std::vector<std::string> Names(const Columns& columns) {
    std::vector<std::string> names;
    for (const RandomColumn& column : columns) names.push_back(column.name);
    return names;
  }

  RandomQuery GroupBy(int depth, const From& from, const Columns& keys, const std::string& by) {
    RandomQuery query;
    std::vector<std::string> list;
    for (const RandomColumn& key : keys) {
      if (choice_.Chance(90)) Give(key, &query, &list);
    }
    for (size_t i = 0, count = 1 + choice_.Below(3); i < count; ++i) {
      Give(RandomAggregate(choice_, from.columns, keys), &query, &list);
    }
    query.text = "SELECT " + Joined(list) + " FROM " + from.text + Where(from, depth) + by;
    if (choice_.Chance(20)) {
      query.text += " HAVING count(*) " + choice_.Word({"> 1", "< 4", "% 2 = 0"});
    }
    return query;
  }

  RandomQuery Group(int depth) {
    const From from = Sources(depth);
    const Columns keys = Keys(from, 1 + choice_.Below(2));
    return GroupBy(depth, from, keys, " GROUP BY " + Joined(Names(keys)));
  }

  RandomQuery Global(int depth) { return GroupBy(depth, Sources(depth), {}, ""); }

  RandomQuery Sets(int depth) {
    const From from = Sources(depth);
    const Columns keys = Keys(from, 2);
    const auto names = Names(keys);
    std::string sets = choice_.Word({"ROLLUP (", "CUBE ("}) + Joined(names) + ")";
    if (choice_.Chance(40)) {
      sets = "GROUPING SETS ((" + names[0] + "), (" + names.back() + "), ())";
    }
    RandomQuery query = GroupBy(depth, from, keys, " GROUP BY " + sets);
    return query;
  }

  RandomQuery Distinct(int depth) {
    RandomQuery query = Select(depth);
    query.text.insert(7, "DISTINCT ");
    return query;
  }

  // All columns of the source, since the order is by all of them.
  RandomQuery Whole(const From& from, const std::string& distinct, const std::string& rest) {
    RandomQuery query;
    std::vector<std::string> list;
    for (const RandomColumn& column : from.columns) Give(column, &query, &list);
    query.text = "SELECT " + distinct + Joined(list) + " FROM " + from.text + rest;
    return query;
  }

  RandomQuery DistinctOn(int depth) {
    const From from = Source(depth);
    const RandomColumn on = choice_.Of(from.columns);
    return Whole(
        from, "DISTINCT ON (" + on.name + ") ",
        Where(from, depth) + " ORDER BY " + on.name + ", " + TotalOrder(choice_, from.columns));
  }

  RandomQuery Top(int depth) {
    const From from = Source(depth);
    return Whole(from, "",
                 Where(from, depth) + " ORDER BY " + TotalOrder(choice_, from.columns) + " LIMIT " +
                     std::to_string(1 + choice_.Below(8)) +
                     (choice_.Chance(20) ? " OFFSET 2" : ""));
  }

  std::string Partition(const From& from) {
    if (choice_.Chance(8)) return "";
    return Joined(Names(Keys(from, 1 + choice_.Below(2))));
  }

  RandomQuery Window(int depth) {
    const From from = Source(depth);
    const std::string partition = Partition(from);
    const std::string other = choice_.Chance(80) ? partition : Partition(from);
    RandomQuery query;
    std::vector<std::string> list;
    for (const RandomColumn& column : from.columns) {
      if (choice_.Chance(85)) Give(column, &query, &list);
    }
    Give(RandomWindowCall(choice_, from.columns, partition, WindowUse::kAny), &query, &list);
    // Equal rows have places in an order by chance: two orders would not be paired always alike.
    if (choice_.Chance(40)) {
      Give(RandomWindowCall(choice_, from.columns, other, WindowUse::kWithoutPlaces), &query,
           &list);
    }
    query.text = "SELECT " + Joined(list) + " FROM " + from.text + Where(from, depth);
    return query;
  }

  RandomQuery Qualify(int depth) {
    const From from = Source(depth);
    const std::string partition = Partition(from);
    const std::string by = partition.empty() ? "" : "PARTITION BY " + partition + " ";
    const std::string call =
        choice_.Chance(50)
            ? "rank() OVER (" + by + "ORDER BY " + choice_.Of(from.columns).name + " DESC)"
            : "row_number() OVER (" + by + "ORDER BY " + TotalOrder(choice_, from.columns) + ")";
    return Whole(from, "", Where(from, depth) + " QUALIFY " + call + " <= 2");
  }

  // Both sides with columns of the same kinds.
  RandomQuery SetOperation(int depth) {
    const From left = Source(depth - 1);
    const From right = Source(depth - 1);
    RandomQuery query;
    std::vector<std::string> first;
    std::vector<std::string> second;
    for (size_t i = 0, count = 1 + choice_.Below(3); i < count; ++i) {
      const RandomColumn value = choice_.Of(left.columns);
      const auto other = ColumnOfKind(choice_, right.columns, value.kind);
      Give(value, &query, &first);
      second.push_back(other ? *other : RandomConstant(choice_, value.kind));
    }
    query.text = "(SELECT " + Joined(first) + " FROM " + left.text + Where(left, depth) + ")" +
                 choice_.Word({" UNION ALL ", " UNION ALL ", " UNION ", " INTERSECT ",
                               " INTERSECT ALL ", " EXCEPT ", " EXCEPT ALL "}) +
                 "(SELECT " + Joined(second) + " FROM " + right.text + Where(right, depth) + ")";
    return query;
  }

  RandomQuery Lateral(int depth) {
    From from = Source(depth);
    const From inner = Source(depth - 1);
    const std::string alias = Fresh("r");
    std::vector<std::string> list;
    RandomQuery subquery;
    std::string rest;
    if (choice_.Chance(50)) {
      Give(RandomAggregate(choice_, inner.columns, {}), &subquery, &list);
    } else {
      for (const RandomColumn& column : inner.columns) Give(column, &subquery, &list);
      if (choice_.Chance(50)) {
        rest = " ORDER BY " + TotalOrder(choice_, inner.columns) + " LIMIT 2";
      }
    }
    from.text += ", LATERAL (SELECT " + Joined(list) + " FROM " + inner.text + " WHERE " +
                 Correlation(inner.columns, from.columns) + rest + ") AS " + alias;
    for (const RandomColumn& column : subquery.columns) {
      from.columns.push_back({alias + "." + column.name, column.kind, ""});
    }
    return Whole(from, "", "");
  }

  // A common table expression that is read twice.
  RandomQuery Shared(int depth) {
    if (depth <= 0) return Group(depth);
    const RandomQuery inner = Query(depth - 1);
    const std::string name = Fresh("w");
    From from = Named(name, inner.columns);
    const From other = Named(name, inner.columns);
    const auto pair = ComparablePair(choice_, from.columns, other.columns);
    from.text += pair ? choice_.Word({" JOIN ", " LEFT JOIN "}) + other.text + " ON " +
                            pair->first.name + " = " + pair->second.name
                      : " CROSS JOIN " + other.text;
    from.columns.insert(from.columns.end(), other.columns.begin(), other.columns.end());
    RandomQuery query = choice_.Chance(50) ? Whole(from, "", Where(from, 0)) : GroupOver(from);
    query.text = "WITH " + name + " AS (" + inner.text + ") " + query.text;
    return query;
  }

  RandomQuery GroupOver(const From& from) {
    const Columns keys = Keys(from, 1);
    return GroupBy(0, from, keys, " GROUP BY " + keys[0].name);
  }

  RandomQuery Pivot(int depth) {
    const From from = Source(depth - 1);
    const auto text = ColumnOfKind(choice_, from.columns, Kind::kText);
    const auto number = ColumnOfKind(choice_, from.columns, Kind::kInteger);
    if (!text || !number) return Group(depth);
    const RandomColumn key = choice_.Of(from.columns);
    RandomQuery query;
    const std::string name = Fresh("x");
    query.columns = {{name, key.kind, ""}, {"a", Kind::kInteger, ""}, {"s", Kind::kInteger, ""}};
    query.text = "SELECT * FROM (SELECT " + key.name + " AS " + name + ", " + *text + " AS p, " +
                 *number + " AS n FROM " + from.text + Where(from, 0) + ") PIVOT (" +
                 choice_.Word({"sum(n)", "max(n)", "count(n)"}) + " FOR p IN ('a', 's'))";
    return query;
  }

  RandomQuery Unnest(int depth) {
    From from = Source(depth);
    const auto list = ColumnOfKind(choice_, from.columns, Kind::kList);
    if (!list) return Select(depth);
    const std::string alias = Fresh("r");
    from.text += ", unnest(" + *list + ") AS " + alias + "(u)";
    from.columns.push_back({alias + ".u", Kind::kInteger, ""});
    return choice_.Chance(50) ? Whole(from, "", Where(from, depth)) : GroupOver(from);
  }

  Choice& choice_;
  const std::vector<RandomTable>& sources_;
  size_t next_ = 0;
};

}  // namespace

RandomQuery MakeRandomQuery(Choice& choice, const std::vector<RandomTable>& sources, int depth) {
  return Grammar(choice, sources).Query(depth);
}

}  // namespace penstock::tests
