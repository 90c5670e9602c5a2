using DevOps.Blazor.Hosting;
using DevOps.Blazor.Ui;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Access;

/// <summary>Choosing a password by a one-time link. It does not sign in: who has a second factor is asked for it there.</summary>
public sealed partial class InvitationPage
{
    private readonly FormState _state = new();
    private PasswordLinkView? _link;

    /// <summary>The secret part of the link.</summary>
    [Parameter]
    public string Token { get; set; } = "";

    /// <summary>Knows the links.</summary>
    [Inject]
    public required UsePasswordLink Link { get; set; }

    /// <summary>Leads on.</summary>
    [Inject]
    public required NavigationManager Navigation { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = default!;

    [SupplyParameterFromForm]
    private ChooseForm? Form { get; set; }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        Form ??= new ChooseForm();
        _link = await Link.FindAsync(Token, Context.RequestAborted);
        if (_link is null)
        {
            Context.Response.StatusCode = StatusCodes.Status410Gone;
        }
    }

    private async Task ChooseAsync()
    {
        var done = await _state.RunAsync(async () =>
        {
            if (!string.Equals(Form!.Password, Form.Repeat, StringComparison.Ordinal))
            {
                throw new InvalidInput("repeat", "The two passwords differ.");
            }

            await Link.RunAsync(Token, Form.Password ?? "", Context.Address(), Context.RequestAborted);
        });
        if (done)
        {
            Navigation.NavigateTo($"{AppUrls.SignIn}?done=password");
        }
        else if (_state.Refusal is NotFound)
        {
            _link = null;
            Context.Response.StatusCode = StatusCodes.Status410Gone;
        }
        else
        {
            Context.Response.StatusCode = StatusCodes.Status400BadRequest;
        }
    }

    private sealed class ChooseForm
    {
        public string? Password { get; set; }

        public string? Repeat { get; set; }
    }
}
