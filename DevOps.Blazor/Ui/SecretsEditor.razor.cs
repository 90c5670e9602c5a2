using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Ui;

/// <summary>Write-only values: names that are stored are shown, values are only typed anew. Answers the changes alone:
/// a name with a new value, or with null to delete it; a name left out stays as it is.</summary>
public partial class SecretsEditor
{
    private readonly List<Row> _rows = [];
    private IReadOnlyList<string>? _shown;

    /// <summary>Names that are stored.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<string> Names { get; set; }

    /// <summary>Called with all changes so far.</summary>
    [Parameter]
    public EventCallback<IReadOnlyDictionary<string, string?>> Changed { get; set; }

    /// <summary>Whether it can be read only.</summary>
    [Parameter]
    public bool Disabled { get; set; }

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (_shown is null || !_shown.SequenceEqual(Names, StringComparer.Ordinal))
        {
            _shown = [.. Names];
            _rows.Clear();
            _rows.AddRange(Names.Order(StringComparer.Ordinal).Select(n => new Row { Name = n, Stored = true }));
        }
    }

    private void Remove(Row row)
    {
        if (row.Stored)
        {
            row.Deleted = !row.Deleted;
            row.Value = "";
        }
        else
        {
            _rows.Remove(row);
        }
    }

    private Task ChangeAsync(Action change)
    {
        change();
        var changes = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var row in _rows.Where(r => r.Deleted || (r.Name.Length > 0 && r.Value.Length > 0)))
        {
            changes[row.Name] = row.Deleted ? null : row.Value;
        }

        return Changed.InvokeAsync(changes);
    }

    private sealed class Row
    {
        public string Name { get; set; } = "";

        public string Value { get; set; } = "";

        public bool Stored { get; init; }

        public bool Deleted { get; set; }
    }
}
