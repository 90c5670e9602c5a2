using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using DevOps.Core.Access;
using DevOps.Tests.Fixtures;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DevOps.Tests.Blazor.Api;

/// <summary>The description of the API holds what it promises for every operation, those to come included; and what it says of lists is true.</summary>
public sealed partial class OpenApiTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private static readonly string[] WithoutToken = ["POST /api/v1/auth/token", "POST /webhooks/{provider}/{projectKey}"];

    [Fact]
    public async Task Every_operation_has_a_name_of_its_own_a_summary_and_a_tag()
    {
        var operations = await OperationsAsync();
        Assert.All(operations, o => Assert.Matches(Identifier(), o.Text("operationId")));
        Assert.All(operations, o => Assert.False(string.IsNullOrWhiteSpace(o.Text("summary")), o.Name));
        Assert.All(operations, o => Assert.True(o.Body.GetProperty("tags").GetArrayLength() > 0, o.Name));
        Assert.Empty(operations.GroupBy(o => o.Text("operationId"), StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1).Select(g => g.Key));
    }

    [Fact]
    public async Task Every_operation_but_two_asks_for_the_bearer_scheme_that_is_described()
    {
        var operations = await OperationsAsync();
        Assert.Equal(WithoutToken, operations.Where(o => !o.Body.TryGetProperty("security", out _)).Select(o => o.Name).Order(StringComparer.Ordinal));
        var scheme = (await DocumentAsync()).GetProperty("components").GetProperty("securitySchemes").GetProperty("bearer");
        Assert.Equal(("http", "bearer"), (scheme.GetProperty("type").GetString(), scheme.GetProperty("scheme").GetString()));
        Assert.Contains("dvt_", scheme.GetProperty("description").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_refusal_is_a_problem_and_every_refusal_that_can_come_is_there()
    {
        var wrong = new List<string>();
        foreach (var operation in (await OperationsAsync()).Where(o => o.Path.StartsWith("/api/", StringComparison.Ordinal)))
        {
            wrong.AddRange(operation.Expected.Except(operation.Statuses, StringComparer.Ordinal).Select(s => $"{operation.Name} lacks {s}"));
            wrong.AddRange(operation.Body.GetProperty("responses").EnumerateObject().Where(r => r.Name[0] is '4' or '5' && !IsProblem(r.Value)).Select(r => $"{operation.Name} {r.Name} is no problem"));
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Every_replacement_honours_a_tag()
    {
        var puts = (await OperationsAsync()).Where(o => o.Name.StartsWith("PUT ", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(puts);
        Assert.Empty(puts.Where(o => !o.Parameters.Contains(("header", "If-Match")) || !o.Statuses.Contains("412", StringComparer.Ordinal)).Select(o => o.Name));
    }

    [Fact]
    public async Task Every_body_is_shown_by_an_example_that_the_endpoint_can_read()
    {
        var wrong = new List<string>();
        var options = new JsonSerializerOptions(api.Services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions);
        Assert.Equal(JsonUnmappedMemberHandling.Disallow, options.UnmappedMemberHandling);
        var types = api.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .Where(e => e.Metadata.GetMetadata<IEndpointNameMetadata>() is not null && e.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType is not null)
            .ToDictionary(e => e.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName, e => e.Metadata.GetMetadata<IAcceptsMetadata>()!.RequestType!, StringComparer.Ordinal);
        foreach (var operation in (await OperationsAsync()).Where(o => o.Body.TryGetProperty("requestBody", out _)))
        {
            var body = operation.Body.GetProperty("requestBody").GetProperty("content").GetProperty("application/json");
            if (!body.TryGetProperty("example", out var example))
            {
                wrong.Add($"{operation.Name} has no example: give its endpoint one with WithExample.");
                continue;
            }

            try
            {
                Assert.NotNull(example.Deserialize(types[operation.Text("operationId")], options));
            }
            catch (JsonException e)
            {
                wrong.Add($"{operation.Name}: {e.Message}");
            }
        }

        Assert.Empty(wrong);
        Assert.True(types.Count > 15);
    }

    [Fact]
    public async Task Names_are_in_camel_case_and_enums_are_words()
    {
        var document = await DocumentAsync();
        Assert.All((await OperationsAsync()).SelectMany(o => o.Parameters.Where(p => p.In is not "header")), p => Assert.Matches(Camel(), p.Name));
        foreach (var schema in document.GetProperty("components").GetProperty("schemas").EnumerateObject().Where(s => s.Value.TryGetProperty("enum", out _)))
        {
            Assert.Equal("string", schema.Value.GetProperty("type").GetString());
            Assert.All(schema.Value.GetProperty("enum").EnumerateArray(), v => Assert.Matches(Camel(), v.GetString()));
        }
    }

    [Fact]
    public async Task Every_list_is_paged_within_bounds_and_names_the_field_that_is_not()
    {
        var lists = (await OperationsAsync()).Where(o => o.IsListing).ToList();
        Assert.Empty(lists.Where(o => !o.Parameters.Contains(("query", "page")) || !o.Parameters.Contains(("query", "pageSize"))).Select(o => o.Name));
        using var admin = await api.AsAsync(Role.Admin);
        foreach (var (field, value) in new[] { ("page", "0"), ("page", "-1"), ("page", "1000001"), ("page", "first"), ("pageSize", "0"), ("pageSize", "201"), ("pageSize", "1.5") })
        {
            foreach (var list in lists)
            {
                var path = Parameter().Replace(list.Path, "1");
                using var answer = await admin.GetAsync(new Uri($"{path}?{field}={value}", UriKind.Relative));
                var problem = await ContractTests.AssertProblemAsync(answer, HttpStatusCode.BadRequest);
                Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), $"{list.Name} {field}={value}: {problem}");
            }
        }
    }

    private static bool IsProblem(JsonElement response) =>
        response.TryGetProperty("content", out var content) && content.TryGetProperty("application/problem+json", out var problem)
        && problem.GetProperty("schema").GetProperty("$ref").GetString()!.EndsWith("/ProblemDetails", StringComparison.Ordinal);

    private async Task<JsonElement> DocumentAsync()
    {
        using var client = api.Anonymous();
        return await client.GetFromJsonAsync<JsonElement>("/openapi/v1.json");
    }

    private async Task<List<Operation>> OperationsAsync() =>
    [
        .. from path in (await DocumentAsync()).GetProperty("paths").EnumerateObject()
           from method in path.Value.EnumerateObject()
           select new Operation($"{method.Name.ToUpperInvariant()} {path.Name}", path.Name, method.Value),
    ];

    [GeneratedRegex("^[A-Z][A-Za-z]+$", RegexOptions.None, 1000)]
    private static partial Regex Identifier();

    [GeneratedRegex("^[a-z][A-Za-z0-9]*$", RegexOptions.None, 1000)]
    private static partial Regex Camel();

    [GeneratedRegex(@"\{[^}]+\}", RegexOptions.None, 1000)]
    private static partial Regex Parameter();

    private sealed record Operation(string Name, string Path, JsonElement Body)
    {
        public IReadOnlyList<(string In, string Name)> Parameters { get; } = Body.TryGetProperty("parameters", out var list)
            ? [.. list.EnumerateArray().Select(p => (p.GetProperty("in").GetString()!, p.GetProperty("name").GetString()!))]
            : [];

        public IReadOnlyList<string> Statuses { get; } = [.. Body.GetProperty("responses").EnumerateObject().Select(r => r.Name)];

        public bool IsListing => Body.GetProperty("responses").TryGetProperty("200", out var ok) && ok.TryGetProperty("content", out var content)
            && content.TryGetProperty("application/json", out var json) && json.GetProperty("schema").TryGetProperty("$ref", out var schema)
            && schema.GetString()!.Contains("/ListingOf", StringComparison.Ordinal);

        /// <summary>The refusals that follow from what the operation takes.</summary>
        public IEnumerable<string> Expected
        {
            get
            {
                var body = Body.TryGetProperty("requestBody", out _);
                return new[]
                {
                    (Body.TryGetProperty("security", out _), "401"), (Body.TryGetProperty("security", out _), "403"), (body, "400"), (body, "413"), (body, "415"),
                    (Parameters.Any(p => p.In is "query"), "400"), (Parameters.Any(p => p.In is "path"), "404"), (true, "429"), (true, "503"),
                }.Where(e => e.Item1).Select(e => e.Item2);
            }
        }

        public string Text(string property) => Body.TryGetProperty(property, out var value) ? value.GetString() ?? "" : "";
    }
}
