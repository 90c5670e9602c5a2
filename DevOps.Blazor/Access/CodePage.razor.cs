using System.Globalization;
using DevOps.Blazor.Hosting;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Access;

/// <summary>The second step of signing in. A plain page, as the first.</summary>
public sealed partial class CodePage
{
    private FirstStep? _first;
    private string? _refusal;

    /// <summary>Checks the code.</summary>
    [Inject]
    public required SecondStep Second { get; set; }

    /// <summary>Holds the first step.</summary>
    [Inject]
    public required CodeCookie Cookie { get; set; }

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

    [SupplyParameterFromQuery(Name = "way")]
    private string? Way { get; set; }

    [SupplyParameterFromForm]
    private CodeForm? Form { get; set; }

    private bool IsRecovery => Way is "recovery";

    private string OtherWay => AppUrls.Code(ReturnUrl.Local(Return)) + (IsRecovery ? "" : "&way=recovery");

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        Form ??= new CodeForm();
        _first = Cookie.Read(Context);
    }

    private async Task CheckAsync()
    {
        var answer = await Second.RunAsync(_first!.SignIn, Form!.Code ?? "", Context.Address(), Context.RequestAborted);
        if (answer.Account is { } account)
        {
            CodeCookie.Clear(Context);
            await Context.SignInAsync(SignInSetup.Cookie, AccountClaims.Principal(account, SignInSetup.Cookie), new AuthenticationProperties { IsPersistent = _first.Stay });
            Navigation.NavigateTo(ReturnUrl.Local(Return));
        }
        else if (answer.LockedUntil is { } until)
        {
            Context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            Context.Response.Headers.RetryAfter = Time.SecondsUntil(until);
            _refusal = Text["Locked", Math.Max(1, Math.Ceiling((until - Time.GetUtcNow()).TotalMinutes)).ToString("0", CultureInfo.CurrentCulture)];
        }
        else
        {
            Context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            _refusal = Text["WrongCode"];
        }
    }

    private sealed class CodeForm
    {
        public string? Code { get; set; }
    }
}
