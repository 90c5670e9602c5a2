using DevOps.Blazor.Ui;
using DevOps.Core.Events;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DevOps.Blazor.Access;

/// <summary>One person, for administrators: who it is, what it may, how it gets in.</summary>
public partial class UserPage
{
    private readonly FormState _form = new();
    private UserView? _user;
    private UserModel _model = new();
    private PasswordLink? _link;
    private string _tag = "";
    private IReadOnlyList<string> _projects = [];

    /// <summary>User name.</summary>
    [Parameter]
    public string Username { get; set; } = "";

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private UserQueries Users { get; set; } = default!;

    [Inject]
    private ChangeUser Change { get; set; } = default!;

    [Inject]
    private DeleteUser Delete { get; set; } = default!;

    [Inject]
    private MakePasswordLink MakeLink { get; set; } = default!;

    [Inject]
    private DetachForgeRole Detach { get; set; } = default!;

    [Inject]
    private ResetTwoFactor Reset { get; set; } = default!;

    [Inject]
    private DialogService Dialogs { get; set; } = default!;

    [Inject]
    private Attempts Attempts { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    /// <inheritdoc/>
    protected override bool Concerns(Change change) => change.Kind is ChangeKind.Account;

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        var actor = await Actors.GetAsync();
        var before = _user;
        _user = await Users.GetAsync(actor, Username, cancellationToken);
        if (before is null)
        {
            // What is being typed is kept when the row changes elsewhere; saving compares the tag.
            _model = UserModel.Of(_user);
            _projects = await Users.ProjectKeysAsync(actor, cancellationToken);
            _tag = _user.Tag;
        }
    }

    private async Task SaveAsync()
    {
        if (await _form.RunAsync(async () => await Change.RunAsync(await Actors.GetAsync(), _model.Draft with { Username = Username }, _tag, Stopping)))
        {
            await TakeAnewAsync();
            Attempts.Say(Text["Saved", Username]);
        }
    }

    private async Task MakeLinkAsync()
    {
        if (await Attempts.RunAsync(async () => _link = await MakeLink.RunAsync(await Actors.GetAsync(), Username, Stopping)))
        {
            await TakeAnewAsync();
        }
    }

    private async Task ResetAsync()
    {
        var question = new Confirmation(Text["ResetTwoFactorTitle", Username], Text["ResetTwoFactorText"], Text["ResetTwoFactor"]);
        if (await Dialogs.ConfirmAsync(question)
            && await Attempts.RunAsync(async () => await Reset.RunAsync(await Actors.GetAsync(), Username, Stopping), Text["ResetTwoFactorDone", Username]))
        {
            await TakeAnewAsync();
        }
    }

    private async Task DetachAsync()
    {
        var question = new Confirmation(Text["DetachRoleTitle", Username], Text["DetachRoleText", _user!.RoleFrom!], Text["DetachRole"]);
        if (await Dialogs.ConfirmAsync(question)
            && await Attempts.RunAsync(async () => await Detach.RunAsync(await Actors.GetAsync(), Username, Stopping), Text["DetachRoleDone", Username]))
        {
            await TakeAnewAsync();
        }
    }

    private async Task DeleteAsync()
    {
        var question = new Confirmation(Text["DeleteTitle", Username], Text["DeleteText"], Shell["Delete"], Username);
        if (await Dialogs.ConfirmAsync(question)
            && await Attempts.RunAsync(async () => await Delete.RunAsync(await Actors.GetAsync(), Username, null, Stopping), Text["Deleted", Username]))
        {
            Navigation.NavigateTo(AppUrls.Users);
        }
    }

    // Our own change moved the tag; what was typed and not saved stays in the form.
    private async Task TakeAnewAsync()
    {
        await ReadAsync();
        _tag = _user?.Tag ?? "";
    }
}
