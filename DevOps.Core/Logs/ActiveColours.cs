namespace DevOps.Core.Logs;

/// <summary>Which colours are still on at the end of a line.</summary>
internal sealed class ActiveColours
{
    private const int Most = 8;

    private readonly List<string> _sequences = [];

    /// <summary>What switches them on again at the beginning of the next line; empty for none.</summary>
    public string Sequence { get; private set; } = "";

    public void Set(string sequence)
    {
        var parameters = sequence[2..^1];
        if (parameters is "" or "0" || parameters.StartsWith("0;", StringComparison.Ordinal) || parameters.StartsWith(';'))
        {
            _sequences.Clear();
        }

        if (parameters is not ("" or "0"))
        {
            _sequences.Remove(sequence);
            _sequences.Add(sequence);
            if (_sequences.Count > Most)
            {
                _sequences.RemoveAt(0);
            }
        }

        Sequence = string.Concat(_sequences);
    }

    public void Reset()
    {
        _sequences.Clear();
        Sequence = "";
    }
}
