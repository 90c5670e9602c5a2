using System.Net;

namespace DevOps.Infrastructure.Docker;

/// <summary>One request to the engine.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path and query below the version, beginning with <c>/</c>; values in it are escaped by the caller.</param>
public sealed record EngineCall(HttpMethod Method, string Path)
{
    /// <summary>What is sent.</summary>
    public HttpContent? Body { get; init; }

    /// <summary>How long the answer may take; for a stream, its head only.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the answer's body is read as it comes.</summary>
    public bool Streams { get; init; }
}

/// <summary>The engine answered, and the answer was no.</summary>
public sealed class EngineRefusal(HttpStatusCode status, string message) : Exception(message)
{
    /// <summary>The answer's code.</summary>
    public HttpStatusCode Status { get; } = status;
}

/// <summary>What <c>/version</c> says.</summary>
public sealed record EngineVersion(string Version, string ApiVersion, string? MinAPIVersion, string Os, string Arch);
