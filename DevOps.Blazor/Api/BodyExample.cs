namespace DevOps.Blazor.Api;

/// <summary>A body as it may be sent, shown in the description of the API.</summary>
/// <param name="Json">The body.</param>
internal sealed record BodyExample(string Json);

/// <summary>Shows endpoints by example.</summary>
internal static class BodyExamples
{
    /// <summary>Gives the endpoint's description an example of its body. A test holds every example against the type of the body.</summary>
    public static RouteHandlerBuilder WithExample(this RouteHandlerBuilder endpoint, string json) => endpoint.WithMetadata(new BodyExample(json));
}
