using DevOps.Blazor.Api;
using DevOps.Core.Access;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DevOps.Blazor.Access;

/// <summary>The second factor, for administrators.</summary>
public static class TwoFactorEndpoints
{
    /// <summary>Maps <c>/users/{username}/two-factor</c> and <c>/settings/two-factor</c>.</summary>
    public static void MapTwoFactor(this IEndpointRouteBuilder group)
    {
        group.MapDelete("/users/{username}/two-factor", ResetAsync).WithTags("Access").WithName("ResetTwoFactor")
            .WithSummary("Takes away a user's second factor and ends the user's sessions.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/settings/two-factor", GetAsync).WithTags("Access").WithName("GetTwoFactorDuty")
            .WithSummary("From which role on a second factor is required.");
        group.MapPut("/settings/two-factor", ChangeAsync).WithTags("Access").WithName("ChangeTwoFactorDuty").WithExample(TwoFactorDutyBody.Example)
            .WithSummary("Requires a second factor from a role on; null requires it of nobody.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status412PreconditionFailed);
    }

    private static async Task<NoContent> ResetAsync(string username, Caller caller, ResetTwoFactor reset, CancellationToken cancellationToken)
    {
        await reset.RunAsync(caller.Actor, username, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<TwoFactorDutyBody>> GetAsync(Caller caller, TwoFactorDuty duty, HttpResponse response, CancellationToken cancellationToken)
    {
        caller.Actor.Demand(Permission.SettingsEdit);
        var from = await duty.FromAsync(cancellationToken);
        response.SendTag(TwoFactorDuty.TagOf(from));
        return TypedResults.Ok(new TwoFactorDutyBody(from));
    }

    private static async Task<Ok<TwoFactorDutyBody>> ChangeAsync(
        TwoFactorDutyBody body, Caller caller, IfMatch ifMatch, RequireTwoFactor require, HttpResponse response, CancellationToken cancellationToken)
    {
        await require.RunAsync(caller.Actor, body.RequiredFrom, ifMatch.Tag, cancellationToken);
        response.SendTag(TwoFactorDuty.TagOf(body.RequiredFrom));
        return TypedResults.Ok(body);
    }
}

/// <summary>From which role on a second factor is required.</summary>
/// <param name="RequiredFrom">The lowest role that needs one; null: none does.</param>
public sealed record TwoFactorDutyBody(Role? RequiredFrom)
{
    /// <summary>A body as it may be sent.</summary>
    internal const string Example = """
        { "requiredFrom": "maintainer" }
        """;
}
