namespace DevOps.Infrastructure.Git;

/// <summary>Which names someone may have meant.</summary>
internal static class NearNames
{
    private const int MostCompared = 5000;

    /// <summary>The names that differ least, nearest first.</summary>
    public static IReadOnlyList<string> Of(string wanted, IEnumerable<string> names, int count) =>
        [.. names.Take(MostCompared).OrderBy(n => Contains(n, wanted) ? 0 : 1).ThenBy(n => Distance(wanted, n)).ThenBy(n => n, StringComparer.Ordinal).Take(count)];

    private static bool Contains(string name, string wanted) =>
        name.Contains(wanted, StringComparison.OrdinalIgnoreCase) || wanted.Contains(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Levenshtein's distance over the first 60 characters.</summary>
    private static int Distance(string a, string b)
    {
        var x = a.AsSpan(0, Math.Min(a.Length, 60));
        var y = b.AsSpan(0, Math.Min(b.Length, 60));
        Span<int> row = stackalloc int[61];
        for (var j = 0; j <= y.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= x.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= y.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (x[i - 1] == y[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[y.Length];
    }
}
