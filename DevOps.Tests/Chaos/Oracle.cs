using System.Globalization;
using System.Net;
using System.Text.Json;
using DevOps.Infrastructure.Docker;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Chaos;

/// <summary>What has to be true after a deployment, whatever happened in the middle of it: statuses that agree with each other and with the servers, and nothing left behind.</summary>
internal sealed class Oracle(FaultRoom room)
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(60);

    /// <summary>Looks at everything. What takes a moment to end (a job's last write, a killed process) is waited for; what stays is a failure.</summary>
    public async Task CheckAsync(long id)
    {
        using var limit = new CancellationTokenSource(Settling);
        while (true)
        {
            var wrong = await FindAsync(id);
            if (wrong.Count == 0)
            {
                return;
            }

            if (limit.IsCancellationRequested)
            {
                await AcquitAsync(wrong);
                Assert.True(wrong.Count == 0, $"After deployment {id}:\n" + string.Join('\n', wrong) + $"\n{await room.LogAsync(id)}");
                return;
            }

            await Task.Delay(100);
        }
    }

    private async Task<List<string>> FindAsync(long id)
    {
        var deployment = await room.Platform.SendAsync(HttpMethod.Get, $"deployments/{id}");
        return
        [
            .. StepsOf(deployment),
            .. await ServersAsync(deployment),
            .. await RowsAsync(id),
            .. await ContainersAsync(),
            .. Processes(),
            .. Files(),
        ];
    }

    private static IEnumerable<string> StepsOf(JsonElement deployment)
    {
        var status = deployment.GetProperty("status").GetString();
        foreach (var step in deployment.GetProperty("steps").EnumerateArray())
        {
            var of = step.GetProperty("status").GetString();
            if (of is "running" || (status is "succeeded" && of is not ("succeeded" or "skipped")))
            {
                yield return $"step {step.GetProperty("name")} is {of}, the deployment {status}";
            }
        }

        if (status is "failed" && deployment.GetProperty("error").GetString() is null or "")
        {
            yield return "it failed without saying why";
        }
    }

    // What the platform says, what the link says, and what was started have to be one release; and one for all servers.
    private async Task<List<string>> ServersAsync(JsonElement deployment)
    {
        var wrong = new List<string>();
        var said = await room.Platform.SendAsync(HttpMethod.Get, $"projects/{FaultProject.Key}/releases?pageSize=200");
        var all = said.GetProperty("items").EnumerateArray().Select(r => r.GetProperty("number").GetInt32()).ToHashSet();
        var versions = new HashSet<int>();
        foreach (var (name, _) in room.Servers)
        {
            var known = await KnownAsync(name);
            var real = CurrentOf(name);
            versions.Add(real);
            if (known != real || !all.Contains(real))
            {
                wrong.Add($"{name} runs release {real}, the platform says {known}");
            }

            var page = await File.ReadAllTextAsync(Path.Combine(room.Target, name, "current", "dist", "page.txt"));
            var running = await File.ReadAllTextAsync(Path.Combine(room.Target, name, "running"));
            if (!string.Equals(page, running, StringComparison.Ordinal))
            {
                wrong.Add($"{name} has '{page}' current and runs '{running}'");
            }
        }

        if (versions.Count > 1)
        {
            wrong.Add($"the servers run different releases: {string.Join(", ", versions)}");
        }

        if (deployment.GetProperty("status").GetString() is "succeeded" && !versions.Contains(deployment.GetProperty("release").GetInt32()))
        {
            wrong.Add("it succeeded, but the servers run another release");
        }

        return wrong;
    }

    private async Task<int> KnownAsync(string server)
    {
        await using var command = room.Database.CreateCommand("SELECT a.release FROM applications a JOIN servers s ON s.id = a.server_id WHERE s.name = $1");
        command.Parameters.AddWithValue(server);
        return await command.ExecuteScalarAsync() as int? ?? 0;
    }

    private int CurrentOf(string server) =>
        int.Parse(Path.GetFileName(File.ResolveLinkTarget(Path.Combine(room.Target, server, "current"), returnFinalTarget: false)!.FullName), CultureInfo.InvariantCulture);

    private async Task<List<string>> RowsAsync(long id)
    {
        await using var command = room.Database.CreateCommand("""
            SELECT 'job ' || id || ' is ' || state FROM jobs WHERE kind = 'deployment' AND state IN ('available', 'running')
            UNION ALL SELECT 'deployment ' || id || ' is ' || status FROM deployments WHERE finished_at IS NULL
            UNION ALL SELECT 'the log of ' || id || ' is open' FROM deployments WHERE id = $1 AND NOT log_complete
            """);
        command.Parameters.AddWithValue(id);
        await using var rows = await command.ExecuteReaderAsync();
        var wrong = new List<string>();
        while (await rows.ReadAsync())
        {
            wrong.Add(rows.GetString(0));
        }

        return wrong;
    }

    private async Task<IEnumerable<string>> ContainersAsync()
    {
        using var connection = room.ConnectEngine();
        var list = await connection.AskAsync<List<JsonElement>>(new EngineCall(HttpMethod.Get, "/containers/json?all=1"), CancellationToken.None);
        return list.Where(c => !room.BeyondRemoval.Contains(c.GetProperty("Id").GetString()!))
            .Select(c => $"container {c.GetProperty("Id")} {c.GetProperty("Names")} is there: {c.GetProperty("Status")}");
    }

    // A container that the engine refuses to remove for anybody is not the platform's to answer for. What goes at our word should have gone at the platform's.
    private async Task AcquitAsync(List<string> wrong)
    {
        foreach (var line in wrong.Where(w => w.StartsWith("container ", StringComparison.Ordinal)).ToList())
        {
            var container = line.Split(' ')[1];
            if (await RemoveAsync(container) is HttpStatusCode.InternalServerError)
            {
                room.BeyondRemoval.Add(container);
                wrong.Remove(line);
            }
        }
    }

    private async Task<HttpStatusCode> RemoveAsync(string container)
    {
        using var connection = room.ConnectEngine();
        while (true)
        {
            try
            {
                await connection.TellAsync(new EngineCall(HttpMethod.Delete, $"/containers/{container}?force=1&v=1"), CancellationToken.None);
                return HttpStatusCode.NoContent;
            }
            catch (EngineRefusal refusal) when (refusal.Status is HttpStatusCode.Conflict)
            {
                // The platform is asking in this moment; the engine takes its time to find out.
                await Task.Delay(200);
            }
            catch (EngineRefusal refusal)
            {
                return refusal.Status;
            }
        }
    }

    /// <summary>Commands on servers, git, agents and clients. The kept connections may stay.</summary>
    private IEnumerable<string> Processes()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(p => char.IsAsciiDigit(Path.GetFileName(p)[0])))
        {
            var command = Read(folder, "cmdline").Replace('\0', ' ');
            var remote = Read(folder, "environ").Contains($"DEPLOY_PATH={room.Target}", StringComparison.Ordinal);
            var ours = command.Contains(room.Data, StringComparison.Ordinal) || command.Contains(room.Target, StringComparison.Ordinal) || command.Contains(room.Git.Folder, StringComparison.Ordinal);
            if (remote || ours)
            {
                yield return $"process {Path.GetFileName(folder)} is there: {command}";
            }
        }
    }

    private IEnumerable<string> Files()
    {
        var left = Entries(room.Data, "workspaces").Concat(Entries(room.Data, "git", "sessions"));
        var keys = new DirectoryInfo(room.Runtime).EnumerateFiles("*", SearchOption.AllDirectories).Where(f => f.Name is "key" or "password").Select(f => f.FullName);
        return left.Concat(keys).Select(f => $"{f} is there");
    }

    private static IEnumerable<string> Entries(params string[] parts)
    {
        var folder = Path.Combine(parts);
        return Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder) : [];
    }

    private static string Read(string process, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended between being listed and being read, or is another user's.
            return "";
        }
    }
}
