-- The entries by which a seller gets `p_net`, or pays it when it is negative. What is got clears debts
-- first; what is paid comes out of the wallet as far as that goes, and the rest is owed. The caller holds
-- both accounts.
CREATE OR REPLACE FUNCTION payment.seller_entries_v1(p_seller uuid, p_currency text, p_net bigint)
RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_debt bigint := payment.balance_v1('seller_debt', p_seller, p_currency);
    v_wallet bigint := payment.balance_v1('wallet', p_seller, p_currency);
    v_by_debt bigint;
BEGIN
    v_by_debt := CASE WHEN p_net >= 0 THEN least(v_debt, p_net) ELSE least(p_net + v_wallet, 0) END;
    RETURN jsonb_build_array(
        jsonb_build_object('kind', 'seller_debt', 'owner', p_seller, 'currency', p_currency, 'amount', v_by_debt),
        jsonb_build_object('kind', 'wallet', 'owner', p_seller, 'currency', p_currency,
                           'amount', p_net - v_by_debt));
END $$;
