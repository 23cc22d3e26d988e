-- Names and types that may be relied on. A blank TotalCharges becomes NULL here; the two tables below
-- show the two usual answers to it.
CREATE OR REFRESH STREAMING TABLE silver_typed (
  CONSTRAINT has_id EXPECT (customer_id IS NOT NULL) ON VIOLATION FAIL UPDATE,
  CONSTRAINT one_row_each EXPECT UNIQUE (customer_id) ON VIOLATION DROP ROW,
  CONSTRAINT charges_positive EXPECT (monthly_charges > 0) ON VIOLATION QUARANTINE,
  CONSTRAINT known_contract EXPECT (contract IN ('Month-to-month', 'One year', 'Two year'))
)
COMMENT 'Customers with names and types; a total may be missing'
AS SELECT
  customerID AS customer_id,
  gender,
  SeniorCitizen = '1' AS senior_citizen,
  Partner AS partner,
  Dependents AS dependents,
  CAST(tenure AS INT) AS tenure,
  PhoneService AS phone_service,
  MultipleLines AS multiple_lines,
  InternetService AS internet_service,
  OnlineSecurity AS online_security,
  OnlineBackup AS online_backup,
  DeviceProtection AS device_protection,
  TechSupport AS tech_support,
  StreamingTV AS streaming_tv,
  StreamingMovies AS streaming_movies,
  Contract AS contract,
  PaperlessBilling AS paperless_billing,
  PaymentMethod AS payment_method,
  CAST(MonthlyCharges AS DECIMAL(10, 2)) AS monthly_charges,
  CAST(nullif(trim(TotalCharges), '') AS DECIMAL(10, 2)) AS total_charges,
  Churn = 'Yes' AS churned
FROM STREAM bronze_customers;

-- Answer one: who has no total is set aside with the reason. `penstock quarantine show` lists them.
CREATE OR REFRESH STREAMING TABLE silver_customers (
  CONSTRAINT total_known EXPECT (total_charges IS NOT NULL) ON VIOLATION QUARANTINE,
  CONSTRAINT total_adds_up EXPECT (abs(total_charges - tenure * monthly_charges) <= 0.1 * total_charges)
)
COMMENT 'Customers whose total is known'
AS SELECT * FROM STREAM silver_typed;

-- Answer two: everybody is kept, and a missing total is the median of those that are known.
CREATE OR REFRESH MATERIALIZED VIEW silver_customers_imputed (
  CONSTRAINT total_known EXPECT (total_charges IS NOT NULL) ON VIOLATION FAIL UPDATE,
  CONSTRAINT everybody EXPECT (count(*) >= 7000)
)
COMMENT 'All customers; a missing total is the median'
AS SELECT
  * EXCEPT (total_charges),
  coalesce(total_charges, (SELECT CAST(median(total_charges) AS DECIMAL(10, 2)) FROM silver_typed)) AS total_charges,
  total_charges IS NULL AS total_imputed
FROM silver_typed;
