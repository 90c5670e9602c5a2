using System.Formats.Tar;
using System.Globalization;
using System.Net;
using DevOps.Core.Pipeline;

namespace DevOps.Infrastructure.Docker;

/// <summary>The user a container's processes run as.</summary>
public sealed record ImageUser(int Uid, int Gid)
{
    private const long MostBytes = 1 << 20;

    /// <summary>Finds the numbers behind an image's <c>USER</c>: given as numbers, or as names in the container's own files.</summary>
    /// <param name="connection">The engine.</param>
    /// <param name="containerId">A container of the image; it need not run.</param>
    /// <param name="user"><c>name</c>, <c>uid</c>, <c>name:group</c>, <c>uid:gid</c>, or empty for root.</param>
    /// <param name="cancellationToken">Ends the calls.</param>
    /// <exception cref="StepFailure">The image does not know its own user.</exception>
    public static async Task<ImageUser> FindAsync(DockerConnection connection, string containerId, string? user, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(user))
        {
            return new ImageUser(0, 0);
        }

        var parts = user.Split(':', 2);
        if (parts.Length == 2 && TryNumber(parts[0], out var uid) && TryNumber(parts[1], out var gid))
        {
            return new ImageUser(uid, gid);
        }

        var users = await ReadFileAsync(connection, containerId, "/etc/passwd", cancellationToken);
        var groups = parts.Length == 2 ? await ReadFileAsync(connection, containerId, "/etc/group", cancellationToken) : "";
        return Resolve(parts[0], parts.ElementAtOrDefault(1), users, groups)
            ?? throw new StepFailure($"the image says it runs as user “{user}”, whom its /etc/passwd and /etc/group do not know");
    }

    /// <summary>Looks the names up. Null when they are not there.</summary>
    public static ImageUser? Resolve(string user, string? group, string passwd, string groups)
    {
        var entry = Find(passwd, user, idColumn: 2);
        var uid = entry is not null && TryNumber(entry[2], out var known) ? known : TryNumber(user, out var given) ? given : -1;
        var own = entry is { Length: > 3 } && TryNumber(entry[3], out var primary) ? primary : 0;
        var gid = string.IsNullOrEmpty(group) ? own
            : Find(groups, group, idColumn: 2) is { } row && TryNumber(row[2], out var named) ? named
            : TryNumber(group, out var number) ? number : -1;
        return uid < 0 || gid < 0 ? null : new ImageUser(uid, gid);
    }

    private static string[]? Find(string file, string nameOrId, int idColumn)
    {
        var rows = file.Split('\n').Select(r => r.TrimEnd('\r').Split(':')).Where(r => r.Length > idColumn).ToList();
        return rows.Find(r => string.Equals(r[0], nameOrId, StringComparison.Ordinal)) ?? rows.Find(r => string.Equals(r[idColumn], nameOrId, StringComparison.Ordinal));
    }

    private static bool TryNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static async Task<string> ReadFileAsync(DockerConnection connection, string containerId, string path, CancellationToken cancellationToken)
    {
        var call = new EngineCall(HttpMethod.Get, $"/containers/{containerId}/archive?path={Uri.EscapeDataString(path)}");
        try
        {
            await using var stream = await connection.OpenStreamAsync(call, TimeSpan.FromSeconds(30), cancellationToken);
            await using var tar = new TarReader(stream);
            var entry = await tar.GetNextEntryAsync(copyData: false, cancellationToken);
            if (entry?.DataStream is not { } data || entry.Length > MostBytes)
            {
                return "";
            }

            using var reader = new StreamReader(data);
            return await reader.ReadToEndAsync(cancellationToken);
        }
        catch (EngineRefusal refusal) when (refusal.Status is HttpStatusCode.NotFound)
        {
            return "";
        }
    }
}
