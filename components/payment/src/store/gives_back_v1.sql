-- Whether a provider gives back what it took of another amount, as soon as it is told to let the attempt go.
CREATE OR REPLACE FUNCTION payment.gives_back_v1(p_provider text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN p_provider IN ('sandbox', 'sandbox_instant', 'sandbox_decline');
END $$;
