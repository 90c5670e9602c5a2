using System.Globalization;
using System.Security.Cryptography;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Releases;
using DevOps.Core.Secrets;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Artifacts;
using DevOps.Tests.Fakes;

namespace DevOps.Tests.Benchmarks;

/// <summary>One command and one release of 20 MB to 20 servers (20 names of one sshd, each with a connection of its own), beside what else does that.</summary>
internal static class FanOutBenchmark
{
    private const int Servers = 20;
    private const int Repetitions = 3;

    public static async Task RunAsync(TextWriter output)
    {
        await using var target = await SshTarget.StartAsync();
        var store = new FileArtifactStore(new PlatformOptions { DataFolder = Path.Combine(target.Folder, "data") }, TimeProvider.System);
        await using var connections = target.Connect(store);
        var hosts = target.Servers(Servers).Select(connections.Get).ToList();
        var command = new RemoteCommand { Script = "true", Variables = new Dictionary<string, Sensitive>(), Timeout = TimeSpan.FromMinutes(1) };

        await output.WriteLineAsync($"`true` on {Servers} servers");
        await output.WriteLineAsync();
        var runs = new Measure(output, Repetitions).Add("ssh, one after the other", _ => Shell.RunAsync($"for i in $(seq {Servers}); do {target.Ssh} target true; done"));
        if (Shell.Has("ansible"))
        {
            await WriteAnsibleAsync(target);
            runs.Add("ansible -f 10 -m command, kept connections, pipelining", _ => AnsibleAsync(target, "-m command -a true"));
        }
        else
        {
            await output.WriteLineAsync("(ansible is not installed, so it is not beside it: apt-get install ansible)");
        }

        await runs.Add("ours, kept connections", _ => Task.WhenAll(hosts.Select(h => h.RunAsync(command, null, CancellationToken.None)))).RunAsync();
        await CopyAsync(output, target, store, hosts);
    }

    private static async Task CopyAsync(TextWriter output, SshTarget target, FileArtifactStore store, List<IRemoteHost> hosts)
    {
        const int megabytes = 20;
        var source = Directory.CreateDirectory(Path.Combine(target.Folder, "artifact")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(source, "app"), RandomNumberGenerator.GetBytes(megabytes * 1_000_000));
        var manifest = await store.PackAsync(new PackRequest(1, 1, source, ["**"]), new RecordedOutput(), CancellationToken.None);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{megabytes} MB to {Servers} servers"));
        await output.WriteLineAsync();
        var remote = Path.Combine(target.Folder, "remote");

        // What one of them has written is gone before the next is timed: none has to take fresh memory only because it comes later.
        var runs = new Measure(output, Repetitions, () => Shell.RunAsync($"rm -rf {remote} {target.Folder}/a-*; sync")).Add($"one stream of {megabytes * Servers} MB, | ssh cat >/dev/null", _ => Shell.RunAsync($"for i in $(seq {Servers}); do cat {source}/app; done | {target.Ssh} target 'cat >/dev/null'"));
        if (Shell.Has("ansible"))
        {
            runs.Add("ansible -f 10 -m copy", n => AnsibleAsync(target, $"-m copy -a 'src={source}/app dest={target.Folder}/a-{{{{ inventory_hostname }}}}-{n}'"));
        }

        await runs.Add("ours, checksums compared on the servers", n => Task.WhenAll(hosts.Select((h, i) => UploadAsync(h, $"{remote}/{n}-{i}", manifest)))).RunAsync();
    }

    private static Task<UploadResult> UploadAsync(IRemoteHost host, string path, Manifest manifest) =>
        host.UploadAsync(new ReleaseUpload { Path = path, ProjectId = 1, Number = 1, Manifest = manifest }, new RecordedOutput(), CancellationToken.None);

    private static async Task WriteAnsibleAsync(SshTarget target)
    {
        var config = await File.ReadAllTextAsync($"{target.Folder}/config");
        var lines = config.Split("\nHost kept\n")[0].Replace("Host target", "Host server-*", StringComparison.Ordinal);
        await File.WriteAllTextAsync($"{target.Folder}/many", lines + "\n");
        await File.WriteAllTextAsync($"{target.Folder}/inventory", string.Concat(Enumerable.Range(1, Servers).Select(n => $"server-{n}\n")));
        await File.WriteAllTextAsync($"{target.Folder}/ansible.cfg", $"""
            [defaults]
            host_key_checking = False
            interpreter_python = /usr/bin/python3
            local_tmp = {target.Folder}/al
            [ssh_connection]
            pipelining = True
            ssh_args = -C -o ControlMaster=auto -o ControlPersist=300s -F {target.Folder}/many
            control_path_dir = {target.Folder}/cp
            """);
    }

    private static Task<string> AnsibleAsync(SshTarget target, string words) =>
        Shell.RunAsync($"ANSIBLE_CONFIG={target.Folder}/ansible.cfg HOME={target.Folder} ansible -i {target.Folder}/inventory all -f 10 {words} >/dev/null");
}
