using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Pipeline.Ports;

namespace DevOps.Tests.Fakes;

/// <summary>One server in memory. Every command ends with 0 unless told otherwise; the rule told last wins.
/// It understands <see cref="ReleaseCommands.Activate"/> and <see cref="ReleaseCommands.ReadCurrent"/>, so that <see cref="Current"/> moves.</summary>
public sealed partial class FakeRemoteHost(string name) : IRemoteHost
{
    private readonly Lock _lock = new();
    private readonly List<RemoteCommand> _commands = [];
    private readonly List<ReleaseUpload> _uploads = [];
    private readonly List<(Func<RemoteCommand, bool> When, Func<CancellationToken, Task<RemoteExit>> Answer)> _rules = [];
    private Func<ReleaseUpload, CancellationToken, Task<UploadResult>>? _uploadRule;

    public string Name => name;

    /// <summary>Number of the release that <c>current</c> points at.</summary>
    public int? Current { get; set; }

    /// <summary>Every release number that was activated, in order.</summary>
    public List<int> Activated { get; } = [];

    public IReadOnlyList<RemoteCommand> Commands
    {
        get { lock (_lock) { return [.. _commands]; } }
    }

    public IReadOnlyList<string> Scripts => [.. Commands.Select(c => c.Script)];

    public IReadOnlyList<ReleaseUpload> Uploads
    {
        get { lock (_lock) { return [.. _uploads]; } }
    }

    /// <summary>Commands for which <paramref name="when"/> holds end with this code.</summary>
    public FakeRemoteHost Exit(Func<RemoteCommand, bool> when, int code, string output = "", string error = "", bool timedOut = false) =>
        Rule(when, _ => Task.FromResult(new RemoteExit(code, output, error, timedOut)));

    /// <summary>Commands for which <paramref name="when"/> holds throw.</summary>
    public FakeRemoteHost Throw(Func<RemoteCommand, bool> when, Exception exception) =>
        Rule(when, _ => Task.FromException<RemoteExit>(exception));

    /// <summary>Commands for which <paramref name="when"/> holds are answered like this.</summary>
    public FakeRemoteHost Rule(Func<RemoteCommand, bool> when, Func<CancellationToken, Task<RemoteExit>> answer)
    {
        lock (_lock)
        {
            _rules.Add((when, answer));
        }

        return this;
    }

    /// <summary>From now on nothing reaches the server, neither commands nor uploads.</summary>
    public FakeRemoteHost GoAway() => RefuseAll(new HostUnreachable(name, "the connection was refused (fake)."));

    /// <summary>From now on the server shows another key than the pinned one.</summary>
    public FakeRemoteHost ChangeKey() => RefuseAll(new HostKeyChanged(name, "SHA256:pinned", "SHA256:presented"));

    /// <summary>From now on uploads throw.</summary>
    public FakeRemoteHost FailUploads(Exception exception)
    {
        lock (_lock)
        {
            _uploadRule = (_, _) => Task.FromException<UploadResult>(exception);
        }

        return this;
    }

    /// <summary>Commands for which <paramref name="when"/> holds wait until they are let go or cancelled.</summary>
    public HeldCommand Hold(Func<RemoteCommand, bool> when)
    {
        var held = new HeldCommand();
        Rule(when, held.WaitAsync);
        return held;
    }

    /// <summary>Uploads wait until they are let go or cancelled.</summary>
    public HeldCommand HoldUploads()
    {
        var held = new HeldCommand();
        lock (_lock)
        {
            _uploadRule = async (upload, cancellationToken) =>
            {
                await held.WaitAsync(cancellationToken);
                return Sent(upload);
            };
        }

        return held;
    }

    /// <summary>Forgets all rules: the server is well again.</summary>
    public void Recover()
    {
        lock (_lock)
        {
            _rules.Clear();
            _uploadRule = null;
        }
    }

    public async Task<RemoteExit> RunAsync(RemoteCommand command, ILogOutput? output, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var exit = await Answer(command, cancellationToken);
        if (output is null)
        {
            return exit;
        }

        await output.WriteAsync(LogStream.Out, Encoding.UTF8.GetBytes(exit.Output), cancellationToken);
        await output.WriteAsync(LogStream.Err, Encoding.UTF8.GetBytes(exit.Error), cancellationToken);
        return exit with { Output = "", Error = "" };
    }

    public Task<UploadResult> UploadAsync(ReleaseUpload upload, ILogOutput output, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Func<ReleaseUpload, CancellationToken, Task<UploadResult>>? rule;
        lock (_lock)
        {
            _uploads.Add(upload);
            rule = _uploadRule;
        }

        return rule?.Invoke(upload, cancellationToken) ?? Task.FromResult(Sent(upload));
    }

    private Task<RemoteExit> Answer(RemoteCommand command, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _commands.Add(command);
            var answer = _rules.LastOrDefault(r => r.When(command)).Answer;
            return answer?.Invoke(cancellationToken) ?? Task.FromResult(new RemoteExit(0, Follow(command), "", TimedOut: false));
        }
    }

    private string Follow(RemoteCommand command)
    {
        if (Switch().Match(command.Script) is { Success: true } match)
        {
            Current = int.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture);
            Activated.Add(Current.Value);
        }

        return command.Script.StartsWith("link=$(readlink", StringComparison.Ordinal) && Current is { } current ? $"{current}\n" : "";
    }

    private FakeRemoteHost RefuseAll(Exception exception)
    {
        FailUploads(exception);
        return Throw(_ => true, exception);
    }

    private static UploadResult Sent(ReleaseUpload upload) =>
        new(AlreadyThere: false, upload.Manifest.Entries.Count, upload.Manifest.Entries.Sum(e => e.Length), FilesLinked: 0);

    [GeneratedRegex(@"^ln -s -- releases/(?<number>[0-9]+) current\.tmp$", RegexOptions.Multiline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Switch();
}

/// <summary>A command that waits in a <see cref="FakeRemoteHost"/>.</summary>
public sealed class HeldCommand
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<RemoteExit> _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the command was reached; a test in which that never happens fails instead of waiting for ever.</summary>
    public Task Started => _started.Task.WaitAsync(TimeSpan.FromSeconds(60));

    /// <summary>Ends when the caller cancelled it.</summary>
    public Task Cancelled => _cancelled.Task.WaitAsync(TimeSpan.FromSeconds(60));

    /// <summary>Lets it end.</summary>
    public void Release(int exitCode = 0) => _released.TrySetResult(new RemoteExit(exitCode, "", "", TimedOut: false));

    /// <summary>Lets it end with an exception.</summary>
    public void Fail(Exception exception) => _released.TrySetException(exception);

    internal async Task<RemoteExit> WaitAsync(CancellationToken cancellationToken)
    {
        _started.TrySetResult();
        try
        {
            return await _released.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _cancelled.TrySetResult();
            throw;
        }
    }
}
