namespace DevOps.Tests.Chaos;

/// <summary>The faults that are tried, one by one in the tests and by chance in the long run.</summary>
internal static class FaultList
{
    private const string Succeeded = "succeeded";
    private const string Failed = "failed";
    private const string Cancelled = "cancelled";

    // The way back has no release before it.
    private const string OnTheWayBack = "[ -z \"$DEPLOY_PREVIOUS\" ]";

    /// <summary>The steps that can be met in the middle, by the door that stands in them.</summary>
    private static readonly string[] Doors = ["build", "upload", "before", "activate", "restart", "after", "health", "cleanup"];

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyDictionary<string, Fault> All { get; } =
        new[] { Inputs(), Builds(), Servers(), Checkouts(), Packages(), WaysBack(), Doors.Select(Cancel), Doors.Select(Kill), Houses() }.SelectMany(f => f).ToDictionary(f => f.Name, StringComparer.Ordinal);

    private static IEnumerable<Fault> Inputs() =>
    [
        new("unreachable repository", Failed) { Change = (_, p) => p.Url = "https://127.0.0.1:9/shop.git", Says = "127.0.0.1:9" },
        new("repository that takes another key", Failed) { Change = (room, p) => (p.Url, p.Credential) = ($"ssh://{Environment.UserName}@127.0.0.1:{room.Ssh.Server.Port}{room.Git.Folder}", "stranger"), Says = "key" },
        new("unknown branch", Failed) { Change = (_, p) => p.Branch = "no-such-branch", Says = "no-such-branch" },
        new("missing image", Failed) { Change = (_, p) => p.BuildImage = "no-such-image:1", Says = "no-such-image:1" },
        new("artifacts that match nothing", Failed) { Change = (_, p) => p.Artifacts = ["nothing/**"], Says = "Nothing matches" },
        new("artifact that is a link out of the folder", Failed) { Change = (_, p) => p.Script.Add("ln -s /etc/passwd dist/passwd"), Says = "link" },
    ];

    private static IEnumerable<Fault> Builds() =>
    [
        new("script that fails in its third line", Failed) { Change = (_, p) => p.Script = ["echo one", "echo two", "ls /no-such-folder", "echo four"], Says = "exit code" },
        new("script that eats all memory", Failed) { Change = (_, p) => p.Script = ["awk 'BEGIN { s = \"x\"; while (1) s = s s }'"], Says = "memory" },
        new("script that forks for ever", Failed) { Change = (_, p) => (p.Script, p.BuildSeconds) = (["f() { f | f & }; f; wait; sleep 60; false"], 10) },
        new("script that does not end", Failed) { Change = (_, p) => (p.Script, p.BuildSeconds) = (["while :; do sleep 1; done"], 10), Says = "10 s" },
        new("line of one megabyte", Succeeded) { Change = (_, p) => p.Script.Add("head -c 1048576 /dev/zero | tr '\\0' x; echo") },
        new("binary rubbish in the output", Succeeded) { Change = (_, p) => p.Script.Add("head -c 300000 /dev/urandom; echo; printf '\\303\\050\\377\\n'") },
    ];

    private static IEnumerable<Fault> Servers() =>
    [
        new("server that is down", Failed) { Door = "build", Strike = (room, _) => StopServerAsync(room), Heal = room => room.Servers["app-b"].StartAsync(), Says = "app-b" },
        new("server that goes down in mid-upload", Failed) { Door = "upload", Strike = (room, _) => StopServerAsync(room), Heal = room => room.Servers["app-b"].StartAsync(), Says = "app-b" },
        new("server with another host key", Failed)
        {
            Door = "build",
            Strike = async (room, _) =>
            {
                await room.Servers["app-b"].RebuildAsync();
                room.Gates.OpenAll();
            },
            Heal = room => room.PinAsync("app-b"),
            Says = "host key",
        },
        new("full disk on a server", Failed)
        {
            Change = (_, p) => p.Script.Add("head -c 3000000 /dev/urandom > dist/blob"),
            Door = "build",
            Strike = async (room, _) =>
            {
                await FullDisk.MountAsync(Path.Combine(room.Target, "app-b"));
                room.Gates.OpenAll();
            },
            Heal = room => FullDisk.UnmountAsync(Path.Combine(room.Target, "app-b")),
            Says = "space",
        },
        new("restart that hangs", Failed) { Change = (_, p) => (p.CommandSeconds, p.Restart) = (2, $"{OnTheWayBack} || sleep 600\n{p.Restart}"), Says = "did not end within 2 s" },
        new("restart that hangs on the way back too", Failed) { Change = (_, p) => p.CommandSeconds = 2, Door = "restart", Says = "did not end within 2 s" },
        new("restart that fails on one server", Failed) { Change = (_, p) => p.Restart += $"\n[ $DEPLOY_SERVER = app-a ] || {OnTheWayBack} || exit 7", Says = "exit code 7" },
        new("health that never comes", Failed) { Change = (_, p) => p.Health = OnTheWayBack, Says = "not healthy" },
    ];

    private static IEnumerable<Fault> Houses() =>
    [
        new("database that is away for 20 seconds in mid-build", Succeeded)
        {
            Door = "build",
            Strike = async (room, _) =>
            {
                await room.StopDatabaseAsync();
                await Task.Delay(TimeSpan.FromSeconds(20)); // The fault itself.
                await room.StartDatabaseAsync();
                room.Gates.OpenAll();
            },
        },
        new("engine that is restarted in mid-build", Succeeded, Failed)
        {
            Door = "build",
            Strike = async (room, _) =>
            {
                var restarted = room.RestartEngineAsync();
                room.Gates.OpenAll();
                await restarted;
            },
        },
        new("container that the engine cannot remove", Succeeded)
        {
            Door = "build",
            Strike = async (room, _) =>
            {
                await room.PinContainerAsync();
                room.Gates.OpenAll();
            },
            Heal = room => room.UnpinContainerAsync(),
        },
    ];

    // git has no door: another process holds the mirror instead.
    private static IEnumerable<Fault> Checkouts() =>
    [
        new("cancel in checkout", Cancelled)
        {
            Hold = HoldMirror,
            Strike = async (room, id) =>
            {
                await room.Platform.FollowAsync(id, "Waiting: another deployment");
                await room.Platform.SendAsync(HttpMethod.Post, $"deployments/{id}/cancel");
            },
            Says = "Cancelled by",
        },
        new("kill -9 in checkout", Succeeded)
        {
            Hold = HoldMirror,
            Strike = async (room, id) =>
            {
                await room.Platform.FollowAsync(id, "Waiting: another deployment");
                await room.Platform.KillAsync();
                await room.StartPlatformAsync();
            },
        },
    ];

    // Packing knocks nowhere: it begins when the build has said how it ended, and has something to do for a while.
    private static IEnumerable<Fault> Packages() =>
    [
        new("cancel in package", Cancelled)
        {
            Change = (_, p) => p.Script.Add("head -c 64000000 /dev/urandom > dist/blob"),
            Strike = async (room, id) =>
            {
                await room.Platform.FollowAsync(id, "exit 0");
                await room.Platform.SendAsync(HttpMethod.Post, $"deployments/{id}/cancel");
            },
            Says = "Cancelled by",
        },
        new("kill -9 in package", Succeeded)
        {
            Change = (_, p) => p.Script.Add("head -c 64000000 /dev/urandom > dist/blob"),
            Strike = async (room, id) =>
            {
                await room.Platform.FollowAsync(id, "exit 0");
                await room.Platform.KillAsync();
                await room.StartPlatformAsync();
            },
        },
    ];

    private static IEnumerable<Fault> WaysBack() =>
    [
        Kill("back") with
        {
            Name = "kill -9 on the way back",
            Ends = [Failed],
            Change = (room, p) => p.Restart = $"if {OnTheWayBack}; then curl -sf -o /dev/null {room.Gates.Address}back; else exit 7; fi\n{p.Restart}",
            Says = "exit code 7",
        },
    ];

    private static FileStream HoldMirror(FaultRoom room) =>
        new(Directory.EnumerateFiles(Path.Combine(room.Data, "mirrors"), "*.lock").First(), FileMode.Open, FileAccess.ReadWrite, FileShare.None);

    private static async Task StopServerAsync(FaultRoom room)
    {
        await room.Servers["app-b"].StopAsync();
        room.Gates.OpenAll();
    }

    private static Fault Cancel(string door) => new($"cancel in {door}", Cancelled)
    {
        Door = door,
        Strike = async (room, id) =>
        {
            await room.Platform.SendAsync(HttpMethod.Post, $"deployments/{id}/cancel");

            // Said when what stood behind the door is gone. The way back knocks at the same doors.
            await room.Platform.FollowAsync(id, "Cancelled by");
            room.Gates.OpenAll();
        },
        Says = "Cancelled by",
    };

    /// <summary>The platform killed at any moment. The deployment may be over by then.</summary>
    public static Fault KillAfter(TimeSpan pause) => new($"kill -9 after {pause.TotalMilliseconds:F0} ms", Succeeded)
    {
        Strike = async (room, _) =>
        {
            await Task.Delay(pause); // The fault's moment.
            await room.Platform.KillAsync();
            await room.StartPlatformAsync();
        },
    };

    private static Fault Kill(string door) => new($"kill -9 in {door}", Succeeded)
    {
        Door = door,
        Strike = async (room, _) =>
        {
            await room.Platform.KillAsync();
            room.Gates.OpenAll();
            await room.StartPlatformAsync();
        },
    };
}
