using DevOps.Core.Refusals;

namespace DevOps.Core;

/// <summary>One page of a list.</summary>
/// <param name="Items">The page's rows.</param>
/// <param name="Page">Number of the page, from 1.</param>
/// <param name="PageSize">Most rows on a page.</param>
/// <param name="Total">Number of rows on all pages.</param>
public sealed record Listing<T>(IReadOnlyList<T> Items, int Page, int PageSize, long Total);

/// <summary>Which page of a list is asked for.</summary>
/// <param name="Page">Number of the page, from 1.</param>
/// <param name="PageSize">Most rows on a page, 1 to 200.</param>
public sealed record PageRequest(int Page, int PageSize)
{
    /// <summary>Most rows that may be asked for at once.</summary>
    public const int MaxPageSize = 200;

    /// <summary>Rows before the page.</summary>
    public int Skip => (Page - 1) * PageSize;

    /// <summary>Fills in the defaults (page 1, 50 rows) and refuses what is out of range.</summary>
    /// <exception cref="InvalidInput">Page below 1 or above a million, or size outside 1 to 200.</exception>
    public static PageRequest Of(int? page, int? pageSize)
    {
        var faults = new Faults();
        faults.When(page is < 1 or > 1_000_000, "page", "Pages are numbered from 1 to 1000000.");
        faults.When(pageSize is < 1 or > MaxPageSize, "pageSize", $"Ask for 1 to {MaxPageSize} rows.");
        faults.ThrowIfAny();
        return new PageRequest(page ?? 1, pageSize ?? 50);
    }
}
