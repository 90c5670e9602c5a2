using System.Text;
using DevOps.Blazor.Access;
using DevOps.Blazor.Ui;
using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Refusals;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Credentials;
using DevOps.Infrastructure.Projects;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Projects;

/// <summary>Name, key and repository of a project, with a look at whether the repository answers.</summary>
public sealed partial class RepositoryFields : IDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private readonly FormState _check = new();
    private IReadOnlyList<string> _credentials = [];
    private IReadOnlyList<SourceBranch>? _branches;

    /// <summary>What is typed.</summary>
    [Parameter, EditorRequired]
    public required ProjectModel Model { get; set; }

    /// <summary>State of the form.</summary>
    [Parameter, EditorRequired]
    public required FormState Form { get; set; }

    /// <summary>Whether the project is there already: its key stays.</summary>
    [Parameter]
    public bool Exists { get; set; }

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private CredentialQueries Credentials { get; set; } = default!;

    [Inject]
    private CheckRepository Repository { get; set; } = default!;

    [Inject]
    private PlatformOptions Options { get; set; } = default!;

    /// <inheritdoc/>
    public void Dispose()
    {
        _leaving.Cancel();
        _leaving.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        var actor = await Actors.GetAsync();
        var names = actor.May(Permission.CredentialRead)
            ? (await Credentials.ListAsync(actor, PageRequest.Of(1, PageRequest.MaxPageSize), _leaving.Token)).Items.Select(c => c.Name)
            : [];
        _credentials = [.. names.Append(Model.Credential).Where(n => n.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private void Judge(Faults faults) => Model.Draft().Check(faults, Options.AllowFileRepositories);

    private void Named(ChangeEventArgs e)
    {
        var before = KeyOf(Model.Name);
        Model.Name = (e.Value as string ?? "").Trim();
        if (!Exists && (Model.Key.Length == 0 || string.Equals(Model.Key, before, StringComparison.Ordinal)))
        {
            Model.Key = KeyOf(Model.Name);
            Form.Forget("key");
        }
    }

    // "Web shop" becomes web-shop; what leaves no letter gives no key, and a person types one.
    private static string KeyOf(string name)
    {
        var key = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsAsciiLetter(c) || (char.IsAsciiDigit(c) && key.Length > 0))
            {
                key.Append(char.ToLowerInvariant(c));
            }
            else if (key.Length > 0 && key[^1] != '-' && c is ' ' or '-' or '_' or '.')
            {
                key.Append('-');
            }
        }

        var text = key.ToString().Trim('-');
        return text[..Math.Min(40, text.Length)];
    }

    private async Task CheckAsync()
    {
        _branches = null;
        await _check.RunAsync(async () => _branches = await Repository.RunAsync(await Actors.GetAsync(), Model.Repository, _leaving.Token));
        if (_branches?.Count == 1 && !_branches.Any(b => string.Equals(b.Name, Model.Branch, StringComparison.Ordinal)))
        {
            Model.Branch = _branches[0].Name;
            Form.Forget("repository.branch");
        }
    }
}
