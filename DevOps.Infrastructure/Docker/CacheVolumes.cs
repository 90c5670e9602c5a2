using System.Security.Cryptography;
using System.Text;

namespace DevOps.Infrastructure.Docker;

/// <summary>Named volumes that keep a project's cache folders between builds. No two projects, and no two installations, share one.</summary>
public sealed class CacheVolumes(DockerConnection connection, Installation installation)
{
    /// <summary>Makes the volumes that are absent.</summary>
    /// <returns>Volume name for each folder.</returns>
    public async Task<IReadOnlyDictionary<string, string>> EnsureAsync(string projectKey, IReadOnlyList<string> folders, CancellationToken cancellationToken)
    {
        var volumes = new Dictionary<string, string>();
        foreach (var folder in folders)
        {
            var name = Name(projectKey, folder);
            var labels = new Dictionary<string, string>
            {
                [Labels.Installation] = installation.Id,
                [Labels.Project] = projectKey,
                [Labels.Cache] = folder,
            };
            await connection.TellAsync(new EngineCall(HttpMethod.Post, "/volumes/create") { Body = DockerConnection.Json(new { Name = name, Labels = labels }) }, cancellationToken);
            volumes[folder] = name;
        }

        return volumes;
    }

    /// <summary>The name of a cache's volume: the same for each build of the project.</summary>
    public string Name(string projectKey, string folder)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{installation.Id}\n{projectKey}\n{folder.TrimEnd('/')}"));
        return $"devops-cache-{Convert.ToHexStringLower(hash.AsSpan(0, 16))}";
    }
}
