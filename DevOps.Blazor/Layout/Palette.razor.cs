using System.Globalization;
using DevOps.Blazor.Access;
using DevOps.Core.Access;
using DevOps.Infrastructure.Search;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Layout;

/// <summary>Goes anywhere by a few letters (Ctrl K), and the list of keys (?).</summary>
public sealed partial class Palette : IDisposable
{
    private const string EscapeKey = "Esc";

    private static readonly IReadOnlyList<(string Keys, string What)> Keys =
        [("Ctrl K", "KeyPalette"), ("?", "KeyHelp"), ("↑ ↓ Enter", "KeyChoose"), ("Esc", "KeyClose"), ("/", "KeyLogSearch"), ("F", "KeyLogFollow"), ("E", "KeyLogError"), ("N", "KeyLogNext"), ("W", "KeyLogWrap"), ("T", "KeyLogTime")];

    private IReadOnlyList<PaletteItem> _items = [];
    private string _text = "";
    private CancellationTokenSource? _search;

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private SearchQueries Search { get; set; } = default!;

    /// <inheritdoc/>
    public void Dispose()
    {
        _search?.Cancel();
        _search?.Dispose();
    }

    // A newer letter makes the answer to an older one worthless.
    private async Task TypedAsync(ChangeEventArgs e)
    {
        _text = e.Value as string ?? "";
        _search?.Cancel();
        _search?.Dispose();
        _search = new CancellationTokenSource();
        var token = _search.Token;
        try
        {
            var actor = await Actors.GetAsync();
            var found = await Search.FindAsync(actor, _text, token);
            _items = token.IsCancellationRequested ? _items : Items(actor, found);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // The next search is under way.
        }
    }

    private List<PaletteItem> Items(Actor actor, Found found)
    {
        var items = new List<PaletteItem>();
        items.AddRange(found.Deployments.Select(d => new PaletteItem("rocket_launch", string.Create(CultureInfo.InvariantCulture, $"#{d.Id}"), AppUrls.Deployment(d.Id), $"{d.Project} → {d.Environment} · {Text[Ui.StatusLook.Of(d.Status).Label]}")));
        items.AddRange(found.Projects.Select(p => new PaletteItem("deployed_code", p.Key, AppUrls.Project(p.Key), p.Name)));
        items.AddRange(found.Servers.Select(s => new PaletteItem("dns", s, AppUrls.Server(s), Text["NavServers"])));
        items.AddRange(NavGroup.For(actor).SelectMany(g => g.Items).Select(i => new PaletteItem(i.Icon, Text[i.TitleKey], i.Url, Text["PalettePage"])).Where(Fits));
        items.AddRange(Actions(actor).Where(Fits));
        return items;
    }

    private IEnumerable<PaletteItem> Actions(Actor actor)
    {
        if (actor.May(Permission.ProjectEdit))
        {
            yield return new PaletteItem("add", Text["ActionNewProject"], AppUrls.NewProject, Text["PaletteAction"]);
        }

        if (actor.May(Permission.ServerEdit))
        {
            yield return new PaletteItem("add", Text["ActionNewServer"], AppUrls.NewServer, Text["PaletteAction"]);
        }

        if (actor.May(Permission.CredentialEdit))
        {
            yield return new PaletteItem("add", Text["ActionNewCredential"], AppUrls.NewCredential, Text["PaletteAction"]);
        }

        if (actor.May(Permission.NotificationEdit))
        {
            yield return new PaletteItem("add", Text["ActionNewChannel"], AppUrls.NewChannel, Text["PaletteAction"]);
        }

        yield return new PaletteItem("account_circle", Text["Account"], AppUrls.Account, Text["PalettePage"]);
    }

    private bool Fits(PaletteItem item) => item.Title.Contains(_text.Trim(), StringComparison.CurrentCultureIgnoreCase);
}
