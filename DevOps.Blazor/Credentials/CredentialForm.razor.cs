using DevOps.Blazor.Access;
using DevOps.Blazor.Ui;
using DevOps.Core.Credentials;
using DevOps.Core.Refusals;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Credentials;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Credentials;

/// <summary>Stores a credential: pasted, typed, or made here. The value leaves the form only toward the vault.</summary>
public partial class CredentialForm
{
    private readonly FormState _form = new();
    private string _name = "";
    private string _value = "";
    private CredentialKind _kind = CredentialKind.SshKey;
    private bool _generate = true;
    private Credential? _made;

    /// <summary>Called with the name once it is stored, and for a made key once its public half was shown.</summary>
    [Parameter, EditorRequired]
    public EventCallback<string> OnAdded { get; set; }

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private AddCredential Add { get; set; } = default!;

    private bool Generates => _generate && _kind == CredentialKind.SshKey;

    private CredentialDraft Draft => new()
    {
        Name = _name.Trim(),
        Kind = _kind,
        Generate = Generates,
        Value = Generates ? null : new Sensitive(_value),
    };

    private void Judge(Faults faults) => Draft.Check(faults);

    private async Task AddAsync()
    {
        Credential? added = null;
        var done = await _form.RunAsync(async () => added = await Add.RunAsync(await Actors.GetAsync(), Draft, CancellationToken.None));
        if (!done)
        {
            return;
        }

        _value = "";
        if (Generates)
        {
            _made = added;
        }
        else
        {
            await OnAdded.InvokeAsync(added!.Name);
        }
    }
}
