-- Search: what it reads of a product, apart from the wide product row, and the copies that events keep.

-- What could be sold of a variant, by inventory's events. Anybody may keep stock under any variant's id;
-- only that of the product's own seller counts.
CREATE TABLE catalog.availability (
    variant_id uuid NOT NULL,
    seller_id uuid NOT NULL,
    available bigint NOT NULL,
    -- Of the newest event taken.
    sequence bigint NOT NULL,
    PRIMARY KEY (variant_id, seller_id)
) WITH (fillfactor = 80);

-- One row for each product: what changes without a new version of it (stock, sales), and, while it is
-- listed, all that search filters, sorts and ranks by. Apart from the product's own row, because
-- thousands of rows may be looked at for one answer, and because a sale writes one. No index holds
-- `in_stock`, so that a change of it alone touches none.
CREATE TABLE catalog.search_document (
    product_id uuid PRIMARY KEY REFERENCES catalog.product (id),
    in_stock boolean NOT NULL DEFAULT false,
    -- In completed orders.
    units_sold bigint NOT NULL DEFAULT 0 CHECK (units_sold >= 0),
    listed boolean NOT NULL DEFAULT false,
    seller_id uuid,
    category_id uuid,
    currency text COLLATE "C",
    lowest_price bigint,
    -- Words of the name (weight A) and of the category's name (B), plain and with their accents.
    head tsvector,
    -- All its words, those of its description too, plain and without positions: a small row is a fast one.
    words tsvector,
    CHECK (NOT listed OR (seller_id IS NOT NULL AND category_id IS NOT NULL AND currency IS NOT NULL
                          AND lowest_price IS NOT NULL AND head IS NOT NULL AND words IS NOT NULL))
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
-- Lists are short answers from long orders: each sort walks an index, whose last column makes it total.
CREATE INDEX search_newest ON catalog.search_document (product_id) WHERE listed;
CREATE INDEX search_price ON catalog.search_document (currency, lowest_price, product_id) WHERE listed;
CREATE INDEX search_sold ON catalog.search_document (units_sold, product_id) WHERE listed;
CREATE INDEX search_category_newest ON catalog.search_document (category_id, product_id) WHERE listed;
CREATE INDEX search_category_price ON catalog.search_document (category_id, currency, lowest_price, product_id)
    WHERE listed;
CREATE INDEX search_category_sold ON catalog.search_document (category_id, units_sold, product_id) WHERE listed;
CREATE INDEX search_seller ON catalog.search_document (seller_id, product_id) WHERE listed;
-- Without `fastupdate`, whose list of pending entries every search would have to read through.
CREATE INDEX search_head ON catalog.search_document USING gin (head) WITH (fastupdate = off) WHERE listed;
CREATE INDEX search_words ON catalog.search_document USING gin (words) WITH (fastupdate = off) WHERE listed;

-- The words that names and categories are made of, each under itself (gap 0) and under what is left of
-- it without its letter number `gap`: two words with one typing error between them share a spelling.
CREATE TABLE catalog.search_spelling (
    spelling text COLLATE "C" NOT NULL,
    word text COLLATE "C" NOT NULL,
    gap smallint NOT NULL,
    PRIMARY KEY (spelling, word)
);
-- For words with more than one typing error.
CREATE INDEX search_spelling_similar ON catalog.search_spelling USING gin (word shared.gin_trgm_ops)
    WHERE gap = 0;

-- Products whose rows above are to be made again by housekeeping.
CREATE TABLE catalog.search_stale (
    product_id uuid PRIMARY KEY
);

-- What the words of a search ask for: see `search_query_v1`.
CREATE TYPE catalog.search_query AS (
    -- All of them, in any of the ways that they may be meant, plain.
    every_one tsquery,
    -- All of them as they were typed, with accents.
    exact tsquery,
    -- One of them at least, for ranking.
    any_of tsquery
);

-- What a search is limited to; NULL is no limit.
CREATE TYPE catalog.search_filter AS (
    categories uuid[],
    min_price bigint,
    max_price bigint,
    currency text,
    seller_id uuid,
    in_stock boolean
);

-- What is there already: known at once, found as soon as housekeeping has come by.
INSERT INTO catalog.search_document (product_id) SELECT p.id FROM catalog.product p WHERE p.deleted_at IS NULL;
INSERT INTO catalog.search_stale (product_id) SELECT p.id FROM catalog.product p WHERE p.deleted_at IS NULL;

INSERT INTO shared.subscription (kind, consumer) VALUES
    ('inventory.stock_changed', 'catalog'),
    ('order.completed', 'catalog');
