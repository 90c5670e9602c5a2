using DevOps.Blazor.Hosting;
using DevOps.Blazor.Ui;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Access;

/// <summary>Making the first administrator, for who holds the one-time link. Not there for anybody else, nor ever after.</summary>
public sealed partial class SetupPage
{
    private readonly FormState _state = new();
    private bool _open;

    /// <summary>Knows the one-time link.</summary>
    [Inject]
    public required SetupLink Link { get; set; }

    /// <summary>Makes the account.</summary>
    [Inject]
    public required CreateFirstAdministrator Create { get; set; }

    /// <summary>Leads on.</summary>
    [Inject]
    public required NavigationManager Navigation { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "token")]
    private string? Token { get; set; }

    [SupplyParameterFromForm]
    private SetupForm? Form { get; set; }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        Form ??= new SetupForm();
        _open = await Link.IsGoodAsync(Token, Context.RequestAborted);
        if (!_open)
        {
            Navigation.NotFound();
        }
    }

    private async Task CreateAsync()
    {
        Account? account = null;
        var done = await _state.RunAsync(async () =>
        {
            if (!string.Equals(Form!.Password, Form.Repeat, StringComparison.Ordinal))
            {
                throw new InvalidInput("repeat", "The two passwords differ.");
            }

            var draft = new UserDraft { Username = Form.Username ?? "", DisplayName = Form.DisplayName ?? "", Password = Form.Password };
            account = await Create.ByLinkAsync(Token, draft, Context.Address(), Context.RequestAborted);
        });
        if (done)
        {
            await Context.SignInAsync(SignInSetup.Cookie, AccountClaims.Principal(account!, SignInSetup.Cookie));
            Navigation.NavigateTo(AppUrls.Home);
        }
        else
        {
            Context.Response.StatusCode = StatusCodes.Status400BadRequest;
        }
    }

    private sealed class SetupForm
    {
        public string? Username { get; set; }

        public string? DisplayName { get; set; }

        public string? Password { get; set; }

        public string? Repeat { get; set; }
    }
}
