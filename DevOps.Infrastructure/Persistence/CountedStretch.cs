namespace DevOps.Infrastructure.Persistence;

/// <summary>How many rows lie in a stretch of a long list, from the kept counts.</summary>
/// <param name="Key">The stretch.</param>
/// <param name="Count">Rows in it.</param>
internal sealed record CountedStretch<T>(T Key, long Count)
{
    /// <summary>Finds where a page begins without walking to it.</summary>
    /// <param name="newestFirst">All stretches of the list.</param>
    /// <param name="skip">How many rows come before the page.</param>
    /// <returns>The stretch the page begins in and how many rows of it come before; null when there are not that many.</returns>
    public static (T Key, int Before)? Find(IEnumerable<CountedStretch<T>> newestFirst, long skip)
    {
        foreach (var stretch in newestFirst)
        {
            if (skip < stretch.Count)
            {
                return (stretch.Key, (int)skip);
            }

            skip -= stretch.Count;
        }

        return null;
    }
}
