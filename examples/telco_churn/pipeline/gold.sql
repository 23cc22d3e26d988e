-- The numbers that scaling needs, kept as a table: who scores a new customer must use the same.
CREATE OR REFRESH MATERIALIZED VIEW gold_scaling
COMMENT 'Least and greatest value of each scaled column'
AS SELECT
  min(tenure) AS tenure_min, max(tenure) AS tenure_max,
  min(monthly_charges) AS monthly_min, max(monthly_charges) AS monthly_max,
  min(total_charges) AS total_min, max(total_charges) AS total_max
FROM silver_customers_imputed;

-- Ready for training: numbers scaled to 0..1; each category but the first (in alphabetical order) is a column of 0 and 1.
CREATE OR REFRESH MATERIALIZED VIEW gold_features (
  CONSTRAINT one_row_each EXPECT UNIQUE (customer_id) ON VIOLATION FAIL UPDATE,
  CONSTRAINT tenure_scaled EXPECT (tenure BETWEEN 0 AND 1) ON VIOLATION FAIL UPDATE,
  CONSTRAINT monthly_scaled EXPECT (monthly_charges BETWEEN 0 AND 1) ON VIOLATION FAIL UPDATE,
  CONSTRAINT total_scaled EXPECT (total_charges BETWEEN 0 AND 1) ON VIOLATION FAIL UPDATE
)
COMMENT 'One row a customer, numbers only, and the label'
AS SELECT
  customer_id,
  CAST(tenure - tenure_min AS DOUBLE) / (tenure_max - tenure_min) AS tenure,
  CAST(monthly_charges - monthly_min AS DOUBLE) / (monthly_max - monthly_min) AS monthly_charges,
  CAST(total_charges - total_min AS DOUBLE) / (total_max - total_min) AS total_charges,
  CAST(gender = 'Male' AS INT) AS gender_male,
  CAST(senior_citizen AS INT) AS senior_citizen,
  CAST(partner = 'Yes' AS INT) AS partner_yes,
  CAST(dependents = 'Yes' AS INT) AS dependents_yes,
  CAST(phone_service = 'Yes' AS INT) AS phone_service_yes,
  CAST(multiple_lines = 'No phone service' AS INT) AS multiple_lines_no_phone,
  CAST(multiple_lines = 'Yes' AS INT) AS multiple_lines_yes,
  CAST(internet_service = 'Fiber optic' AS INT) AS internet_fiber,
  CAST(internet_service = 'No' AS INT) AS internet_no,
  CAST(online_security = 'No internet service' AS INT) AS online_security_no_internet,
  CAST(online_security = 'Yes' AS INT) AS online_security_yes,
  CAST(online_backup = 'No internet service' AS INT) AS online_backup_no_internet,
  CAST(online_backup = 'Yes' AS INT) AS online_backup_yes,
  CAST(device_protection = 'No internet service' AS INT) AS device_protection_no_internet,
  CAST(device_protection = 'Yes' AS INT) AS device_protection_yes,
  CAST(tech_support = 'No internet service' AS INT) AS tech_support_no_internet,
  CAST(tech_support = 'Yes' AS INT) AS tech_support_yes,
  CAST(streaming_tv = 'No internet service' AS INT) AS streaming_tv_no_internet,
  CAST(streaming_tv = 'Yes' AS INT) AS streaming_tv_yes,
  CAST(streaming_movies = 'No internet service' AS INT) AS streaming_movies_no_internet,
  CAST(streaming_movies = 'Yes' AS INT) AS streaming_movies_yes,
  CAST(contract = 'One year' AS INT) AS contract_one_year,
  CAST(contract = 'Two year' AS INT) AS contract_two_year,
  CAST(paperless_billing = 'Yes' AS INT) AS paperless_billing_yes,
  CAST(payment_method = 'Credit card (automatic)' AS INT) AS payment_credit_card,
  CAST(payment_method = 'Electronic check' AS INT) AS payment_electronic_check,
  CAST(payment_method = 'Mailed check' AS INT) AS payment_mailed_check,
  CAST(churned AS INT) AS churned
FROM silver_customers_imputed CROSS JOIN gold_scaling;

CREATE OR REFRESH MATERIALIZED VIEW gold_churn_by_contract (
  CONSTRAINT all_contracts EXPECT (count(*) = 3)
)
COMMENT 'Who leaves, by kind of contract'
AS SELECT
  contract,
  count(*) AS customers,
  count_if(churned) AS churned,
  round(100.0 * count_if(churned) / count(*), 1) AS churned_percent,
  avg(monthly_charges) AS average_monthly_charges
FROM silver_customers_imputed
GROUP BY contract;
