using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using DevOps.Core.Access;
using DevOps.Tests.Fixtures;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Blazor.Access.Walk;

/// <summary>Walks by every door of the running application as everybody and holds who gets in against <see cref="AccessTable"/>.</summary>
public sealed partial class AccessWalkTests(RoomsApi app) : IClassFixture<RoomsApi>
{
    // Scripts and the circuit's own wire, mapped by the framework; what a circuit shows is what its pages show.
    private static readonly string[] OfTheFramework = ["/_blazor", "/_framework", "/{**path:file}"];

    public static TheoryData<string> Calls() => [.. AccessTable.Doors.Where(d => !d.IsPage).Select(d => d.Address)];

    public static TheoryData<string> Pages() => [.. AccessTable.Doors.Where(d => d.IsPage).Select(d => d.Address)];

    [Fact]
    public void Every_door_stands_in_the_table_once_and_every_line_has_its_door()
    {
        var doors = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().SelectMany(AddressesOf).Distinct(StringComparer.Ordinal).ToList();
        var lines = AccessTable.Doors.Select(d => d.Address).ToList();

        var missing = doors.Except(lines, StringComparer.Ordinal).Select(d => $"{d} has no line in AccessTable: add one that says who may, such as Project(Permission.ProjectRead, \"{d}\").");
        var dead = lines.Except(doors, StringComparer.Ordinal).Select(l => $"AccessTable has a line for {l}, which is not mapped: remove it or spell it as it is mapped.");

        Assert.Empty(missing.Concat(dead));
        Assert.Equal(lines.Distinct(StringComparer.Ordinal), lines);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Call_lets_in_who_may_and_nobody_else(string address)
    {
        var door = AccessTable.Doors.Single(d => string.Equals(d.Address, address, StringComparison.Ordinal));
        var wrong = new List<string>();
        foreach (var visitor in Visitor.All)
        {
            var world = await AccessWorld.MakeAsync(app, visitor);
            var (status, text) = await CallAsync(door, visitor, world);
            if (Judge(door, visitor, status) is { } complaint)
            {
                wrong.Add($"{visitor}: {(int)status}, {complaint} {text}");
            }
            else if (Leaks(world, visitor, text))
            {
                wrong.Add($"{visitor} sees what belongs to a project of others: {text}");
            }
        }

        Assert.True(wrong.Count == 0, $"{door}\n{string.Join('\n', wrong)}");
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_asks_nobody_in_without_signing_in(string address)
    {
        var door = AccessTable.Doors.Single(d => string.Equals(d.Address, address, StringComparison.Ordinal));
        var world = await AccessWorld.MakeAsync(app, Visitor.All[0]);
        using var client = app.Anonymous();
        using var answer = await client.GetAsync(new Uri(world.Fill(door.Route), UriKind.Relative));
        if (door.Entry == Entry.Anybody)
        {
            Assert.DoesNotContain("/login", answer.Headers.Location?.ToString() ?? "", StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
            Assert.StartsWith("/login?returnUrl=", answer.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_shows_itself_to_who_may_and_a_refusal_to_others(string address)
    {
        var door = AccessTable.Doors.Single(d => string.Equals(d.Address, address, StringComparison.Ordinal));
        var wrong = new List<string>();
        foreach (var visitor in Visitor.All.Where(v => v.SignedIn && door.Entry != Entry.Anybody))
        {
            var world = await AccessWorld.MakeAsync(app, visitor);
            var html = await PageRenderer.RenderAsync(app, visitor.Name, world.Fill(door.Route));
            if (html.Contains("role=\"alert\"", StringComparison.Ordinal) == door.LetsIn(visitor))
            {
                wrong.Add($"{visitor} {(door.LetsIn(visitor) ? "may see this page and is refused" : "may not see this page and is not refused")}: {Words(html)}");
            }
            else if (Leaks(world, visitor, html))
            {
                wrong.Add($"{visitor} sees what belongs to a project of others: {Words(html)}");
            }
        }

        Assert.True(wrong.Count == 0, $"{door}\n{string.Join('\n', wrong)}");
    }

    [Theory]
    [InlineData("GET /api/v1/projects")]
    [InlineData("GET /api/v1/deployments")]
    public async Task Lists_show_a_project_to_its_members_only(string address)
    {
        var door = AccessTable.Doors.Single(d => string.Equals(d.Address, address, StringComparison.Ordinal));
        foreach (var visitor in Visitor.All.Where(v => v.SignedIn))
        {
            var world = await AccessWorld.MakeAsync(app, visitor);
            var (_, text) = await CallAsync(door, visitor, world);
            Assert.Equal(visitor.SeesProject, text.Contains(world.Inside, StringComparison.Ordinal));
        }
    }

    private static string? Judge(Door door, Visitor visitor, HttpStatusCode status)
    {
        if (door.LetsIn(visitor))
        {
            var absent = status == HttpStatusCode.NotFound && !door.MayBeAbsent;
            return absent ? "but may. Teach AccessWorld to make what the route names, or add .Absent() to the line."
                : status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.MethodNotAllowed or HttpStatusCode.UnsupportedMediaType ? "but may."
                : (int)status >= 500 && status != HttpStatusCode.ServiceUnavailable ? "which is a fault of ours." : null;
        }

        HttpStatusCode[] refusals = !visitor.SignedIn || door.Entry == Entry.Proof ? [HttpStatusCode.Unauthorized]
            : door.Entry == Entry.Project && !visitor.SeesProject ? [HttpStatusCode.NotFound]
            : visitor.Platform == Role.None ? [HttpStatusCode.Forbidden, HttpStatusCode.NotFound] : [HttpStatusCode.Forbidden];
        return refusals.Contains(status) ? null : $"but must be refused with {string.Join(" or ", refusals.Select(r => (int)r))}; is the permission asked before the body is judged?";
    }

    private async Task<(HttpStatusCode Status, string Text)> CallAsync(Door door, Visitor visitor, AccessWorld world)
    {
        using var client = visitor.SignedIn ? app.WithToken(await app.TokenAsync(visitor.Name, visitor.Platform)) : app.Anonymous();
        using var request = new HttpRequestMessage(new HttpMethod(door.Method), world.Fill(door.Route));
        if (world.FillBody(door.Body) is { } body)
        {
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        }

        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var endless = string.Equals(answer.Content.Headers.ContentType?.MediaType, "text/event-stream", StringComparison.Ordinal);
        return (answer.StatusCode, endless ? "" : await answer.Content.ReadAsStringAsync());
    }

    private static IEnumerable<string> AddressesOf(RouteEndpoint endpoint)
    {
        var route = "/" + endpoint.RoutePattern.RawText!.Trim('/');
        if (endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is not null || Array.Exists(OfTheFramework, f => route.StartsWith(f, StringComparison.Ordinal)))
        {
            return [];
        }

        return endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null
            ? [$"PAGE {route}"]
            : (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Select(method => $"{method} {route}");
    }

    private static bool Leaks(AccessWorld world, Visitor visitor, string text) => !visitor.SeesProject && text.Contains(world.Inside, StringComparison.Ordinal);

    private static string Words(string html) => string.Join(' ', Tag().Replace(html[Math.Max(0, html.IndexOf("<main", StringComparison.Ordinal))..], " ").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex("<[^>]+>", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Tag();
}
