using DevOps.Blazor.Api;
using DevOps.Blazor.Hosting;
using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DevOps.Blazor.Access;

/// <summary>Name and password for an access token.</summary>
public static class TokenEndpoints
{
    /// <summary>Maps <c>POST /auth/token</c>.</summary>
    public static void MapTokens(this IEndpointRouteBuilder group) => group.MapPost("/auth/token", IssueAsync)
        .RequireRateLimiting(ApiSetup.SignInLimit)
        .WithTags("Access").WithName("CreateToken")
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status429TooManyRequests);

    private static async Task<Results<Ok<TokenAnswer>, ProblemHttpResult>> IssueAsync(
        TokenRequest body, HttpContext context, SignIn signIn, AccessTokens tokens, TimeProvider time, CancellationToken cancellationToken)
    {
        Check(body);
        var answer = await signIn.RunAsync(body.Username, body.Password, context.Address(), cancellationToken);
        if (answer.Account is { } account)
        {
            var token = await tokens.IssueAsync(account, cancellationToken);
            return TypedResults.Ok(new TokenAnswer(token.Text, "Bearer", token.ExpiresAt, account.Role == Role.None ? [] : [account.Role]));
        }

        if (answer.LockedUntil is { } until)
        {
            context.Response.Headers.RetryAfter = time.SecondsUntil(until);
            return Problems.Of(StatusCodes.Status429TooManyRequests, "Too many failed attempts. Wait as long as Retry-After says.");
        }

        return Problems.Of(StatusCodes.Status401Unauthorized, "The user name or the password is wrong.");
    }

    private static void Check(TokenRequest body)
    {
        var faults = new Faults();
        faults.When(body.Username.Length == 0, "username", "This field is required.");
        faults.When(body.Password.Length == 0, "password", "This field is required.");
        faults.ThrowIfAny();
    }
}

/// <summary>Who wants a token.</summary>
/// <param name="Username">User name.</param>
/// <param name="Password">Password.</param>
public sealed record TokenRequest(string Username, string Password);

/// <summary>A token.</summary>
/// <param name="AccessToken">Send it as <c>Authorization: Bearer</c>.</param>
/// <param name="TokenType">Always <c>Bearer</c>.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="Roles">Roles for the whole platform.</param>
public sealed record TokenAnswer(string AccessToken, string TokenType, DateTimeOffset ExpiresAt, IReadOnlyList<Role> Roles);
