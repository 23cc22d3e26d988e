# Puts src/duck/spark/functions.sql into the room `duck` as text; a change of the file configures again.
set(spark_functions_sql ${CMAKE_SOURCE_DIR}/src/duck/spark/functions.sql)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${spark_functions_sql})
file(READ ${spark_functions_sql} SPARK_FUNCTIONS_SQL)
configure_file(${CMAKE_SOURCE_DIR}/src/duck/spark/functions_text.cc.in
  ${CMAKE_BINARY_DIR}/generated/spark_functions_text.cc @ONLY)
if(TARGET penstock_duck)
  target_sources(penstock_duck PRIVATE ${CMAKE_BINARY_DIR}/generated/spark_functions_text.cc)
endif()
