using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Ui;

/// <summary>Names with values, in rows. A row without a name and value is left out; of two with one name the later counts, and it says so.</summary>
public partial class KeyValueEditor
{
    private readonly List<Row> _rows = [];
    private IReadOnlyDictionary<string, string>? _shown;

    /// <summary>The map.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyDictionary<string, string> Pairs { get; set; }

    /// <summary>Called after each change.</summary>
    [Parameter]
    public EventCallback<IReadOnlyDictionary<string, string>> PairsChanged { get; set; }

    /// <summary>What the left column is called.</summary>
    [Parameter]
    public string? NameLabel { get; set; }

    /// <summary>Text of the button that adds a row.</summary>
    [Parameter]
    public string? AddLabel { get; set; }

    /// <summary>Whether values are whole texts.</summary>
    [Parameter]
    public bool MultiLine { get; set; }

    /// <summary>Whether it can be read only.</summary>
    [Parameter]
    public bool Disabled { get; set; }

    private string? Twice => _rows.Where(r => r.Name.Length > 0).GroupBy(r => r.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1)?.Key;

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        // Only a map from outside replaces the rows; our own change must not take away a row that is still being typed.
        if (!ReferenceEquals(_shown, Pairs))
        {
            _shown = Pairs;
            _rows.Clear();
            _rows.AddRange(Pairs.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => new Row { Name = p.Key, Value = p.Value }));
        }
    }

    private Task ChangeAsync(Action change)
    {
        change();
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var row in _rows.Where(r => r.Name.Length + r.Value.Length > 0))
        {
            pairs[row.Name] = row.Value;
        }

        _shown = pairs;
        return PairsChanged.InvokeAsync(pairs);
    }

    private sealed class Row
    {
        public string Name { get; set; } = "";

        public string Value { get; set; } = "";
    }
}
