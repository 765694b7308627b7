-- Address books.

CREATE TABLE account.contact (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account.account (id),
    receiver text NOT NULL CHECK (length(receiver) BETWEEN 1 AND 100),
    phone text NOT NULL CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
    address_lines text[] NOT NULL CHECK (cardinality(address_lines) BETWEEN 1 AND 3),
    city text NOT NULL CHECK (length(city) BETWEEN 1 AND 100),
    region text CHECK (length(region) BETWEEN 1 AND 100),
    postal_code text CHECK (length(postal_code) BETWEEN 1 AND 20),
    country char(2) NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    -- Codes of the administrative areas, from the widest to the narrowest; may be empty.
    area_codes text[] NOT NULL DEFAULT '{}' CHECK (cardinality(area_codes) <= 5),
    latitude double precision CHECK (latitude BETWEEN -90 AND 90),
    longitude double precision CHECK (longitude BETWEEN -180 AND 180),
    is_default_delivery boolean NOT NULL DEFAULT false,
    is_default_pickup boolean NOT NULL DEFAULT false,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    CHECK ((latitude IS NULL) = (longitude IS NULL))
);
CREATE INDEX contact_of_account ON account.contact (account_id, id DESC);
CREATE UNIQUE INDEX contact_default_delivery ON account.contact (account_id) WHERE is_default_delivery;
CREATE UNIQUE INDEX contact_default_pickup ON account.contact (account_id) WHERE is_default_pickup;
