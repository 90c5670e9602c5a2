using System.Globalization;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Releases;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Artifacts;
using DevOps.Tests.Fakes;

namespace DevOps.Tests.Benchmarks;

/// <summary>A release of 5,000 files on its way to a server, first whole and then with one in a hundred changed, beside tar and rsync over the same ssh.</summary>
internal static class UploadBenchmark
{
    private const int Files = 5000;
    private const int Bytes = 61_000_000;
    private const int Repetitions = 5;

    public static async Task RunAsync(TextWriter output)
    {
        await using var target = await SshTarget.StartAsync();
        var source = Path.Combine(target.Folder, "source");
        MakeTree(source);
        var store = new FileArtifactStore(new PlatformOptions { DataFolder = Path.Combine(target.Folder, "data") }, TimeProvider.System);
        await using var connections = target.Connect(store);
        var host = connections.Get(target.Servers(1)[0]);
        var remote = Path.Combine(target.Folder, "remote");

        await output.WriteLineAsync($"First upload: {Files} files, {Bytes / 1_000_000} MB");
        await output.WriteLineAsync();
        var first = await PackAsync(store, source, 1);
        await new Measure(output, Repetitions)
            .Add("tar | ssh tar", n => Shell.RunAsync($"mkdir -p {remote}/t{n}; tar -C {source} -cf - . | {target.Ssh} target 'tar -C {remote}/t{n} -xf -'"))
            .Add("tar | ssh tar, kept connection", n => Shell.RunAsync($"mkdir -p {remote}/k{n}; tar -C {source} -cf - . | {target.Ssh} kept 'tar -C {remote}/k{n} -xf -'"))
            .Add("ours, checksums compared on the server", n => UploadAsync(host, $"{remote}/p{n}", 1, first, null))
            .RunAsync();

        await RedeployAsync(output, target, store, host, source, first);
    }

    private static async Task RedeployAsync(TextWriter output, SshTarget target, FileArtifactStore store, IRemoteHost host, string source, Manifest first)
    {
        var remote = Path.Combine(target.Folder, "again");
        await UploadAsync(host, $"{remote}/p", 1, first, null);
        await Shell.RunAsync($"mkdir -p {remote}/r0; cp -a {source}/. {remote}/r0/");
        var manifests = new List<Manifest> { first };
        await output.WriteLineAsync($"The next one: {Files / 100} of the files changed, all with fresh times, hashed and packed before");
        await output.WriteLineAsync();
        await new Measure(output, Repetitions)
            .Add("rsync -rlpc --link-dest", async n =>
            {
                manifests.Add(await ChangeAsync(store, source, n + 2));
                await Shell.RunAsync($"rsync -rlpc --delete --link-dest={remote}/r{n} -e '{target.Ssh}' {source}/ target:{remote}/r{n + 1}/");
            })
            .Add("rsync -rlpc --link-dest, kept connection", n => Shell.RunAsync($"rsync -rlpc --delete --link-dest={remote}/r{n} -e '{target.Ssh}' {source}/ kept:{remote}/k{n + 1}/"))
            .Add("ours", n => UploadAsync(host, $"{remote}/p", n + 2, manifests[n + 1], (n + 1, manifests[n])))
            .RunAsync();
        var used = await Shell.RunAsync($"du -s --apparent-size {remote}/p/releases/1 | cut -f 1; cd {remote}/p/releases; du -sc --apparent-size 1 2 3 4 | tail -n 1 | cut -f 1");
        var kib = used.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(t => double.Parse(t, CultureInfo.InvariantCulture)).ToList();
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Disk use of four releases: {kib[1] / kib[0]:F2} of one."));
        await output.WriteLineAsync("(The change and the packing are in rsync's first row too; packing is timed below.)");
        await output.WriteLineAsync();
        await new Measure(output, Repetitions).Add("cp -a of the tree", n => Shell.RunAsync($"cp -a {source} {target.Folder}/copy{n}")).Add("packed and hashed", n => PackAsync(store, source, 100 + n)).RunAsync();
    }

    private static async Task<Manifest> ChangeAsync(FileArtifactStore store, string source, int number)
    {
        var random = new Random(number);
        var all = Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        foreach (var file in all.OrderBy(_ => random.Next()).Take(Files / 100))
        {
            await File.AppendAllTextAsync(file, string.Create(CultureInfo.InvariantCulture, $"change {number}\n"));
        }

        await Shell.RunAsync($"find {source} -exec touch {{}} +");
        return await PackAsync(store, source, number);
    }

    private static Task<Manifest> PackAsync(FileArtifactStore store, string source, int number) =>
        store.PackAsync(new PackRequest(1, number, source, ["**"]), new RecordedOutput(), CancellationToken.None);

    private static Task<UploadResult> UploadAsync(IRemoteHost host, string path, int number, Manifest manifest, (int, Manifest)? before) =>
        host.UploadAsync(new ReleaseUpload { Path = path, ProjectId = 1, Number = number, Manifest = manifest, Base = before }, new RecordedOutput(), CancellationToken.None);

    // Sizes as trees of sources and packages have them: many small files, few large ones.
    private static void MakeTree(string folder)
    {
        var random = new Random(7);
        var weights = Enumerable.Range(0, Files).Select(_ => Math.Exp(random.NextDouble() * 5)).ToList();
        var sum = weights.Sum();
        for (var n = 0; n < Files; n++)
        {
            var place = Path.Combine(folder, $"d{n % 61}", $"e{n % 17}");
            Directory.CreateDirectory(place);
            var content = new byte[(int)(weights[n] / sum * Bytes)];
            random.NextBytes(content);
            File.WriteAllBytes(Path.Combine(place, $"file-{n}.bin"), content);
        }
    }
}
