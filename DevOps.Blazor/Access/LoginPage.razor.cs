using System.Globalization;
using DevOps.Blazor.Hosting;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Access;

/// <summary>Signing in. A plain page: it sets a cookie, which an open circuit could not.</summary>
public sealed partial class LoginPage
{
    private string? _refusal;
    private bool _nobody;

    /// <summary>Checks name and password.</summary>
    [Inject]
    public required SignIn SignIn { get; set; }

    /// <summary>Says whether anybody can sign in at all.</summary>
    [Inject]
    public required SetupLink Setup { get; set; }

    /// <summary>Carries the first step to the second.</summary>
    [Inject]
    public required CodeCookie Code { get; set; }

    /// <summary>Leads on.</summary>
    [Inject]
    public required NavigationManager Navigation { get; set; }

    /// <summary>The clock.</summary>
    [Inject]
    public required TimeProvider Time { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "returnUrl")]
    private string? Return { get; set; }

    [SupplyParameterFromQuery(Name = "refused")]
    private string? Refused { get; set; }

    [SupplyParameterFromQuery(Name = "done")]
    private string? Done { get; set; }

    [SupplyParameterFromForm]
    private LoginForm? Form { get; set; }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        Form ??= new LoginForm();
        if (HttpMethods.IsGet(Context.Request.Method) && Context.User.Identity?.IsAuthenticated == true)
        {
            Navigation.NavigateTo(ReturnUrl.Local(Return));
            return;
        }

        _nobody = await Setup.IsNeededAsync(Context.RequestAborted);
    }

    private async Task SignInAsync()
    {
        var answer = await SignIn.RunAsync(Form!.Username ?? "", Form.Password ?? "", Context.Address(), Context.RequestAborted);
        if (answer.Account is { } account)
        {
            await Context.SignInAsync(SignInSetup.Cookie, AccountClaims.Principal(account, SignInSetup.Cookie), new AuthenticationProperties { IsPersistent = Form.Stay });
            Navigation.NavigateTo(ReturnUrl.Local(Return));
            return;
        }

        if (answer.Pending is { } pending)
        {
            Code.Write(Context, new FirstStep(pending, Form.Stay));
            Navigation.NavigateTo(AppUrls.Code(ReturnUrl.Local(Return)));
            return;
        }

        if (answer.LockedUntil is { } until)
        {
            Context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            Context.Response.Headers.RetryAfter = Time.SecondsUntil(until);
            var minutes = Math.Max(1, Math.Ceiling((until - Time.GetUtcNow()).TotalMinutes));
            _refusal = Text["Locked", minutes.ToString("0", CultureInfo.CurrentCulture)];
        }
        else
        {
            Context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            _refusal = Text["Wrong"];
        }
    }

    private sealed class LoginForm
    {
        public string? Username { get; set; }

        public string? Password { get; set; }

        public bool Stay { get; set; }
    }
}
