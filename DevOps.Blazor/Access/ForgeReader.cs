using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using DevOps.Infrastructure.Access;

namespace DevOps.Blazor.Access;

/// <summary>Asks a forge who somebody is and to which organisations (groups) it belongs, with the token of that person.</summary>
/// <param name="forge">Which kind.</param>
/// <param name="baseUrl">Its address.</param>
/// <param name="client">The line; has the time limit.</param>
/// <param name="token">Token of the person; used now and kept nowhere.</param>
internal sealed class ForgeReader(Forge forge, string baseUrl, HttpClient client, string token)
{
    private const int PageSize = 50;
    private const int MaxPages = 20;

    /// <summary>Reads it.</summary>
    /// <exception cref="HttpRequestException">The forge is away or refuses.</exception>
    /// <exception cref="JsonException">The answer is of another form.</exception>
    public async Task<ForgeIdentity> ReadAsync(CancellationToken cancellationToken) => forge.Name switch
    {
        // https://docs.github.com/rest/users/users and /orgs/orgs; an own server has the same below /api/v3.
        "github" => await ByApiAsync(baseUrl is "https://github.com" ? "https://api.github.com" : $"{baseUrl}/api/v3", "login", "name", cancellationToken),

        // https://docs.gitlab.com/integration/openid_connect_provider: the groups stand in the user info, so no right to read the API is asked for.
        "gitlab" => GitLab(await GetAsync($"{baseUrl}/oauth/userinfo", cancellationToken)),

        // https://docs.gitea.com/api: /user and /user/orgs, as in Forgejo.
        "gitea" => await ByApiAsync($"{baseUrl}/api/v1", "username", "full_name", cancellationToken),

        // https://gitee.com/api/v5/swagger
        "gitee" => await ByApiAsync($"{baseUrl}/api/v5", "login", "name", cancellationToken),
        _ => throw new InvalidOperationException($"Nobody knows how to read from {forge.Name}."),
    };

    private ForgeIdentity GitLab(JsonElement user) => new(
        forge.Name,
        Text(user, "sub") ?? throw new JsonException("The answer has no sub."),
        Text(user, "nickname") ?? throw new JsonException("The answer has no nickname."),
        Text(user, "name") ?? "",
        user.TryGetProperty("groups", out var groups) && groups.ValueKind == JsonValueKind.Array ? [.. groups.EnumerateArray().Select(g => g.GetString() ?? "")] : []);

    private async Task<ForgeIdentity> ByApiAsync(string api, string organisation, string name, CancellationToken cancellationToken)
    {
        var user = await GetAsync($"{api}/user", cancellationToken);
        if (!user.TryGetProperty("id", out var id) || !id.TryGetInt64(out var number))
        {
            throw new JsonException("The answer has no id.");
        }

        return new ForgeIdentity(
            forge.Name,
            number.ToString(CultureInfo.InvariantCulture),
            Text(user, "login") ?? throw new JsonException("The answer has no login."),
            Text(user, name) ?? "",
            await OrganisationsAsync($"{api}/user/orgs", organisation, cancellationToken));
    }

    private async Task<IReadOnlyCollection<string>> OrganisationsAsync(string address, string name, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        for (var page = 1; page <= MaxPages; page++)
        {
            // Gitea calls the size of a page limit, the others per_page; each passes over the other's word.
            var list = await GetAsync(string.Create(CultureInfo.InvariantCulture, $"{address}?page={page}&per_page={PageSize}&limit={PageSize}"), cancellationToken);
            found.AddRange(list.EnumerateArray().Select(o => Text(o, name)).OfType<string>());
            if (list.GetArrayLength() < PageSize)
            {
                break;
            }
        }

        return found;
    }

    private async Task<JsonElement> GetAsync(string address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await client.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken)).RootElement;
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
