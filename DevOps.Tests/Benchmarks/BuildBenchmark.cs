using System.Diagnostics;
using System.Formats.Tar;
using System.Globalization;
using System.Net;
using DevOps.Core.Logs;
using DevOps.Core.Pipeline.Ports;
using DevOps.Infrastructure.Docker;
using DevOps.Infrastructure.Persistence;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;
using DevOps.Tests.Infrastructure.Logs;
using Npgsql;

namespace DevOps.Tests.Benchmarks;

/// <summary>A build's container beside the bare calls of the engine, and its output on the way into the log beside <c>docker start -a | wc -l</c>.</summary>
internal static class BuildBenchmark
{
    private const string Image = "devops-test/busybox:1";
    private const int Lines = 200_000;

    public static async Task RunAsync(TextWriter output)
    {
        var engine = await PrivateDockerEngine.StartAsync();
        var folder = Directory.CreateTempSubdirectory("bench-build-").FullName;
        var options = new DockerOptions { Host = engine.Host, Installation = "bench" };
        try
        {
            using var connection = new DockerConnection(options, TimeProvider.System);
            await new DockerImages(connection).TagAsync(Image, "");
            var ours = DockerFixture.CreateEngine(connection, options);
            Directory.CreateDirectory(Path.Combine(folder, "in"));
            await output.WriteLineAsync("A container that does nothing");
            await output.WriteLineAsync();
            var medians = await new Measure(output, 15)
                .Add("bare calls: create, start, wait, remove", _ => BareAsync(connection, copies: false))
                .Add("bare calls: the same with workspace in, output read, files out", _ => BareAsync(connection, copies: true))
                .Add("ours: with workspace in, output read, files out", _ => ours.RunAsync(Run(folder, "true"), new RecordedOutput(), CancellationToken.None))
                .RunAsync();
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Over the bare calls: {(medians[2] - medians[1]) * 1000:F0} ms; over those that copy nothing: {(medians[2] - medians[0]) * 1000:F0} ms."));
            await output.WriteLineAsync();
            await LinesAsync(output, engine.Host, connection, ours, folder);
        }
        finally
        {
            await engine.StopAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task LinesAsync(TextWriter output, string host, DockerConnection connection, DockerContainerEngine ours, string folder)
    {
        var script = $"seq {Lines} | sed 's|.*|compiled src/module/file-&.ts in 37 ms, 1.42 kB, gzip 0.61 kB, map|'";
        var (cluster, data) = await PostgresFixture.OwnClusterAsync();
        try
        {
            await using var database = NpgsqlDataSource.Create(cluster.ConnectionString);
            await new DatabaseMigrator(database, PostgresFixture.ContextsOn(database)).RunAsync(CancellationToken.None);
            await using var room = new LogRoom(cluster.ConnectionString);
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{Lines} lines out of a container"));
            await output.WriteLineAsync();
            var runs = new Measure(output, 3);
            if (Shell.Has("docker"))
            {
                runs.Add("docker start -a | wc -l", _ => Shell.RunAsync($"export DOCKER_HOST={host}; id=$(docker create --network none {Image} sh -c \"{script}\"); n=$(docker start -a $id | wc -l); docker rm $id >/dev/null; [ $n = {Lines} ]"));
            }

            runs.Add("attached, thrown away", _ => ours.RunAsync(Run(folder, script), new NoOutput(), CancellationToken.None));
            runs.Add("ours: masked, stored, none lost", _ => StoredAsync(room, database, ours, Run(folder, script)));
            await runs.RunAsync();
            GC.Collect();
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Managed memory afterwards {GC.GetTotalMemory(forceFullCollection: true) / 1024 / 1024} MiB, peak working set {Process.GetCurrentProcess().PeakWorkingSet64 / 1024 / 1024} MiB."));
            await output.WriteLineAsync();
        }
        finally
        {
            await cluster.StopAsync(immediate: true);
            Directory.Delete(data, recursive: true);
        }
    }

    private static async Task StoredAsync(LogRoom room, NpgsqlDataSource database, DockerContainerEngine engine, ContainerRun run)
    {
        var id = await LogRows.DeploymentAsync(database);
        await using (var log = await room.OpenAsync(id, await LogRows.FenceAsync(database), [.. Enumerable.Range(0, 20).Select(n => $"s3cr3t-{n}-{n * 7919:x8}-value")]))
        {
            await engine.RunAsync(run, log.For("build", null), CancellationToken.None);
            await log.CompleteAsync(CancellationToken.None);
        }

        await using var count = database.CreateCommand("SELECT sum(count) FROM log_chunks WHERE deployment_id = $1");
        count.Parameters.AddWithValue(id);
        if (await count.ExecuteScalarAsync() is not long stored || stored < Lines)
        {
            throw new InvalidOperationException("Lines were lost.");
        }
    }

    private static async Task BareAsync(DockerConnection connection, bool copies)
    {
        var id = (await connection.AskAsync<Created>(new EngineCall(HttpMethod.Post, "/containers/create") { Body = DockerConnection.Json(new { Image, Cmd = new[] { "true" }, HostConfig = new { NetworkMode = "none" } }) }, CancellationToken.None)).Id;
        var output = Stream.Null;
        if (copies)
        {
            await connection.TellAsync(new EngineCall(HttpMethod.Put, $"/containers/{id}/archive?path=%2F") { Body = new ByteArrayContent(EmptyFolder()) }, CancellationToken.None);
            output = await connection.OpenStreamAsync(new EngineCall(HttpMethod.Post, $"/containers/{id}/attach?stream=1&stdout=1&stderr=1"), Timeout.InfiniteTimeSpan, CancellationToken.None);
        }

        await connection.TellAsync(new EngineCall(HttpMethod.Post, $"/containers/{id}/start"), CancellationToken.None);
        await output.CopyToAsync(Stream.Null);
        await output.DisposeAsync();
        await connection.TellAsync(new EngineCall(HttpMethod.Post, $"/containers/{id}/wait"), CancellationToken.None);
        if (copies)
        {
            await using var files = await connection.OpenStreamAsync(new EngineCall(HttpMethod.Get, $"/containers/{id}/archive?path=%2Fworkspace"), Timeout.InfiniteTimeSpan, CancellationToken.None);
            await files.CopyToAsync(Stream.Null);
        }

        await connection.TellAsync(new EngineCall(HttpMethod.Delete, $"/containers/{id}?force=1"), CancellationToken.None);
    }

    private static byte[] EmptyFolder()
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, leaveOpen: true))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "workspace/"));
        }

        return bytes.ToArray();
    }

    private static ContainerRun Run(string folder, string script) =>
        DockerFixture.Run(Path.Combine(folder, "in"), Path.Combine(folder, "out"), script) with { Image = Image, MemoryMb = 256, Cpus = 2 };

    private sealed record Created(string Id);

    private sealed class NoOutput : ILogOutput
    {
        public ValueTask WriteAsync(LogStream stream, ReadOnlyMemory<byte> utf8, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask SayAsync(string text, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
