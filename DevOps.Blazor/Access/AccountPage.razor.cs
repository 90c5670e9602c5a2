using DevOps.Blazor.Hosting;
using DevOps.Blazor.Ui;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Access;

/// <summary>The own profile, password and sessions. A plain page: a new password gives a new cookie.</summary>
public sealed partial class AccountPage
{
    private readonly FormState _profile = new();
    private readonly FormState _password = new();
    private UserView? _user;

    /// <summary>Who looks at the page.</summary>
    [Inject]
    public required CircuitActor Actor { get; set; }

    /// <summary>Reads the profile.</summary>
    [Inject]
    public required UserQueries Users { get; set; }

    /// <summary>Changes the profile.</summary>
    [Inject]
    public required ChangeOwnProfile ChangeProfile { get; set; }

    /// <summary>Changes the password.</summary>
    [Inject]
    public required ChangeOwnPassword ChangePassword { get; set; }

    /// <summary>Ends every session.</summary>
    [Inject]
    public required SignOutEverywhere EndSessions { get; set; }

    /// <summary>Leads on.</summary>
    [Inject]
    public required NavigationManager Navigation { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "done")]
    private string? Done { get; set; }

    [SupplyParameterFromForm(FormName = "profile")]
    private ProfileForm? Profile { get; set; }

    [SupplyParameterFromForm(FormName = "password")]
    private SecretForm? Secret { get; set; }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        _user = await Users.OwnAsync(await Actor.GetAsync(), Context.RequestAborted);
        Profile ??= new ProfileForm { DisplayName = _user.DisplayName, Email = _user.Email };
        Secret ??= new SecretForm();
    }

    private async Task SaveProfileAsync()
    {
        var actor = await Actor.GetAsync();
        if (await _profile.RunAsync(() => ChangeProfile.RunAsync(actor, Profile!.DisplayName ?? "", Profile.Email ?? "", Context.RequestAborted)))
        {
            Navigation.NavigateTo($"{AppUrls.Account}?done=profile");
        }
        else
        {
            Refused();
        }
    }

    private async Task ChangePasswordAsync()
    {
        var actor = await Actor.GetAsync();
        Account? account = null;
        var done = await _password.RunAsync(async () =>
        {
            if (!string.Equals(Secret!.New, Secret.Repeat, StringComparison.Ordinal))
            {
                throw new InvalidInput("repeat", "The two passwords differ.");
            }

            account = await ChangePassword.RunAsync(actor, Secret.Old ?? "", Secret.New ?? "", Context.RequestAborted);
        });
        if (done)
        {
            await Context.SignInAsync(SignInSetup.Cookie, AccountClaims.Principal(account!, SignInSetup.Cookie));
            Navigation.NavigateTo($"{AppUrls.Account}?done=password");
        }
        else
        {
            Refused();
        }
    }

    private async Task EndSessionsAsync()
    {
        await EndSessions.RunAsync(await Actor.GetAsync(), Context.RequestAborted);
        await Context.SignOutAsync(SignInSetup.Cookie);
        Navigation.NavigateTo(AppUrls.SignIn);
    }

    private void Refused() => Context.Response.StatusCode = StatusCodes.Status400BadRequest;

    private sealed class ProfileForm
    {
        public string? DisplayName { get; set; }

        public string? Email { get; set; }
    }

    private sealed class SecretForm
    {
        public string? Old { get; set; }

        public string? New { get; set; }

        public string? Repeat { get; set; }
    }
}
