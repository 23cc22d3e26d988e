SELECT id, `a b`, cast(x AS int), a:b.c::string, tags[0] FROM STREAM read_files("/in", format => 'json', schema => 'id BIGINT') WHERE id <=> 3 AND name RLIKE '^a'
