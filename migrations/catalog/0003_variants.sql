-- What is told of a variant has a column more.
DROP FUNCTION IF EXISTS catalog.get_variants_v1(text[]);
