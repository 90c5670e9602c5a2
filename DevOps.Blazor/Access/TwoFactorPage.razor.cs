using DevOps.Blazor.Hosting;
using DevOps.Blazor.Ui;
using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Access;

/// <summary>Turning one's own second factor on and off. A plain page: a changed factor gives a new cookie, and what is shown once is in no circuit.</summary>
public sealed partial class TwoFactorPage
{
    private const int Group = 4;
    private readonly FormState _confirm = new();
    private readonly FormState _manage = new();
    private UserView? _user;
    private TwoFactorOffer? _offer;
    private IReadOnlyList<string>? _codes;
    private bool _owes;

    /// <summary>Who looks at the page.</summary>
    [Inject]
    public required CircuitActor Actor { get; set; }

    /// <summary>Reads the account.</summary>
    [Inject]
    public required UserQueries Users { get; set; }

    /// <summary>Turns it on.</summary>
    [Inject]
    public required TurnOnTwoFactor TurnOn { get; set; }

    /// <summary>Turns it off.</summary>
    [Inject]
    public required TurnOffTwoFactor TurnOff { get; set; }

    /// <summary>Makes new recovery codes.</summary>
    [Inject]
    public required RenewRecoveryCodes Renew { get; set; }

    /// <summary>Leads on.</summary>
    [Inject]
    public required NavigationManager Navigation { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = default!;

    [SupplyParameterFromForm(FormName = "confirm")]
    private ConfirmForm? Confirm { get; set; }

    [SupplyParameterFromForm(FormName = "manage")]
    private ManageForm? Manage { get; set; }

    // Several installations look alike in an app but for their host.
    private string Issuer => $"DevOps {Context.Request.Host.Host}";

    private string KeyInGroups => string.Join(' ', Totp.Text(_offer!.Key).Chunk(Group).Select(letters => new string(letters)));

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        var actor = await Actor.GetAsync();
        _owes = actor.OwesSecondFactor;
        _user = await Users.OwnAsync(actor, Context.RequestAborted);
        _offer = TurnOn.Reopen(actor, Confirm?.Ticket) ?? TurnOn.Offer(actor);
        Confirm ??= new ConfirmForm();
        Manage ??= new ManageForm();
    }

    private async Task ConfirmAsync()
    {
        var actor = await Actor.GetAsync();
        TwoFactorOn? on = null;
        if (await _confirm.RunAsync(async () => on = await TurnOn.RunAsync(actor, _offer!, Confirm!.Code ?? "", Context.RequestAborted)))
        {
            _codes = on!.RecoveryCodes;
            _user = await Users.OwnAsync(actor, Context.RequestAborted);
            _owes = false;
            await SignInAgainAsync(on.Account);
        }
        else
        {
            Refused();
        }
    }

    private async Task ManageAsync()
    {
        var actor = await Actor.GetAsync();
        var off = Manage!.Action is "off";
        Account? account = null;
        var done = await _manage.RunAsync(async () =>
        {
            if (off)
            {
                account = await TurnOff.RunAsync(actor, Manage.Proof ?? "", Context.RequestAborted);
            }
            else
            {
                _codes = await Renew.RunAsync(actor, Manage.Proof ?? "", Context.RequestAborted);
            }
        });
        if (!done)
        {
            Refused();
        }
        else if (off)
        {
            await SignInAgainAsync(account!);
            Navigation.NavigateTo(AppUrls.Account);
        }
    }

    private Task SignInAgainAsync(Account account) => Context.SignInAsync(SignInSetup.Cookie, AccountClaims.Principal(account, SignInSetup.Cookie));

    private void Refused() => Context.Response.StatusCode = StatusCodes.Status400BadRequest;

    private sealed class ConfirmForm
    {
        public string? Ticket { get; set; }

        public string? Code { get; set; }
    }

    private sealed class ManageForm
    {
        public string? Proof { get; set; }

        public string? Action { get; set; }
    }
}
