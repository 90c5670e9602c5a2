using DevOps.Blazor.Api;
using DevOps.Blazor.Hosting;
using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DevOps.Blazor.Access;

/// <summary>Name, password and, where there is a second factor, a code for an access token.</summary>
public static class TokenEndpoints
{
    /// <summary>Maps <c>POST /auth/token</c>.</summary>
    public static void MapTokens(this IEndpointRouteBuilder group) => group.MapPost("/auth/token", IssueAsync)
        .RequireRateLimiting(ApiSetup.SignInLimit)
        .WithTags("Access").WithName("CreateToken").WithExample(TokenRequest.Example)
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status429TooManyRequests);

    private static async Task<Results<Ok<TokenAnswer>, ProblemHttpResult>> IssueAsync(
        TokenRequest body, HttpContext context, SignIn signIn, SecondStep second, AccessTokens tokens, TimeProvider time, CancellationToken cancellationToken)
    {
        Check(body);
        var answer = await signIn.RunAsync(body.Username, body.Password, context.Address(), cancellationToken);
        var pending = answer.Pending;
        if (pending is not null && string.IsNullOrEmpty(body.Code))
        {
            return Problems.Of(StatusCodes.Status401Unauthorized, "This account has two-factor sign-in: send a code of its authenticator app, or a recovery code, as code.", Problems.Reason("codeRequired"));
        }

        if (pending is not null)
        {
            answer = await second.RunAsync(pending, body.Code!, context.Address(), cancellationToken);
        }

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

        if (pending is not null)
        {
            return Problems.Of(StatusCodes.Status401Unauthorized, "The code is wrong or was used already.", Problems.Reason("codeWrong"));
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
/// <param name="Code">Code of the authenticator app, or a recovery code, where the account has two-factor sign-in. Each works once.</param>
public sealed record TokenRequest(string Username, string Password, string? Code = null)
{
    /// <summary>A body as it may be sent.</summary>
    internal const string Example = """
        { "username": "lin", "password": "correct horse battery", "code": "123456" }
        """;
}

/// <summary>A token.</summary>
/// <param name="AccessToken">Send it as <c>Authorization: Bearer</c>.</param>
/// <param name="TokenType">Always <c>Bearer</c>.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="Roles">Roles for the whole platform.</param>
public sealed record TokenAnswer(string AccessToken, string TokenType, DateTimeOffset ExpiresAt, IReadOnlyList<Role> Roles);
