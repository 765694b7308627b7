-- Categories, products (SPU) and their variants (SKU).

CREATE TABLE catalog.category (
    id uuid PRIMARY KEY,
    parent_id uuid REFERENCES catalog.category (id),
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 80),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- Slugs from the root to here, `electronics/phones`: a subtree is a prefix.
    path text NOT NULL UNIQUE COLLATE "C",
    position integer NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 1
);

-- Sellers' display names, copied from account's events.
CREATE TABLE catalog.seller (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    sequence bigint NOT NULL
);

CREATE TABLE catalog.product (
    id uuid PRIMARY KEY,
    seller_id uuid NOT NULL,
    slug text NOT NULL CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 120),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    description text NOT NULL DEFAULT '' CHECK (length(description) <= 20000),
    category_id uuid NOT NULL REFERENCES catalog.category (id),
    condition text NOT NULL DEFAULT 'new'
        CHECK (condition IN ('new', 'like_new', 'good', 'fair', 'refurbished')),
    specifications jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(specifications) = 'object'),
    currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'active', 'hidden', 'taken_down')),
    -- Why a moderator took it down.
    status_reason text,
    min_per_order integer NOT NULL DEFAULT 1 CHECK (min_per_order BETWEEN 1 AND 999),
    max_per_order integer CHECK (max_per_order BETWEEN min_per_order AND 999),
    lowest_price bigint NOT NULL CHECK (lowest_price >= 0),
    -- Grows with every change of the product or of one of its variants.
    version bigint NOT NULL DEFAULT 1,
    first_listed_at timestamp,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    deleted_at timestamp
);
CREATE UNIQUE INDEX product_slug ON catalog.product (seller_id, slug) WHERE deleted_at IS NULL;
CREATE INDEX product_of_seller ON catalog.product (seller_id, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX product_newest ON catalog.product (id DESC) WHERE status = 'active' AND deleted_at IS NULL;
CREATE INDEX product_in_category ON catalog.product (category_id, id DESC)
    WHERE status = 'active' AND deleted_at IS NULL;

CREATE TABLE catalog.variant (
    id uuid PRIMARY KEY,
    product_id uuid NOT NULL REFERENCES catalog.product (id),
    sku text NOT NULL DEFAULT '' CHECK (length(sku) <= 64),
    -- Such as {"colour": "red", "size": "M"}: strings to strings.
    attributes jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object'),
    price bigint NOT NULL CHECK (price BETWEEN 0 AND 1000000000000),
    weight_g integer NOT NULL DEFAULT 0 CHECK (weight_g BETWEEN 0 AND 1000000),
    barcode text NOT NULL DEFAULT '' CHECK (length(barcode) <= 64),
    enabled boolean NOT NULL DEFAULT true,
    position integer NOT NULL DEFAULT 0,
    deleted_at timestamp
);
CREATE INDEX variant_of_product ON catalog.variant (product_id, position, id);
CREATE UNIQUE INDEX variant_combination ON catalog.variant (product_id, attributes)
    WHERE deleted_at IS NULL;

-- Every price a variant ever had.
CREATE TABLE catalog.price_history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    variant_id uuid NOT NULL REFERENCES catalog.variant (id),
    price bigint NOT NULL,
    actor_id uuid NOT NULL,
    changed_at timestamp NOT NULL
);
CREATE INDEX price_history_variant ON catalog.price_history (variant_id, id DESC);

INSERT INTO shared.subscription (kind, consumer) VALUES
    ('account.registered', 'catalog'),
    ('account.profile_updated', 'catalog');

-- Somewhere to list before an administrator has made categories.
INSERT INTO catalog.category (id, slug, name, path, position)
VALUES ('00000000-0000-7000-8000-000000000001', 'other', 'Everything else', 'other', 1000);
