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
        var parameters = sequence.AsSpan(2, sequence.Length - 3);
        if (parameters is "" or "0")
        {
            Reset();
            return;
        }

        if (parameters.StartsWith("0;") || parameters.StartsWith(";"))
        {
            _sequences.Clear();
        }

        _sequences.Remove(sequence);
        _sequences.Add(sequence);
        if (_sequences.Count > Most)
        {
            _sequences.RemoveAt(0);
        }

        Sequence = _sequences.Count == 1 ? sequence : string.Concat(_sequences);
    }

    public void Reset()
    {
        _sequences.Clear();
        Sequence = "";
    }
}
