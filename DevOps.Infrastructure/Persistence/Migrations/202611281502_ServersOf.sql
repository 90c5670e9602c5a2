-- The servers of these names ($1) and those with one of these tags ($2). A function, because a query whose parameters are lists is planned anew
-- each time it is asked, by their length, which takes ten times as long as to answer it.
CREATE FUNCTION servers_of(text[], text[]) RETURNS SETOF servers LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY SELECT * FROM servers WHERE name = ANY ($1) OR tags && $2;
END
$$;
