using System.Text;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Refusals;
using DevOps.Core.Releases;

namespace DevOps.Infrastructure.Ssh;

/// <summary>Runs the scripts of an upload; one that fails becomes a failure in plain words.</summary>
internal sealed class TransferSession(RemoteShell shell, ByteBudget budget, string server)
{
    private const int KeptErrors = 16 * 1024;
    private const string GoLine = TransferScripts.Go + "\n";

    // Room for the paths of a million files.
    private const int LongestAnswer = 128 * 1024 * 1024;

    // A dead connection is noticed by ssh itself; these only bound what would otherwise be endless.
    private static readonly TimeSpan ScriptTimeout = TimeSpan.FromHours(2);
    private static readonly TimeSpan SendTimeout = TimeSpan.FromHours(24);

    /// <summary>The server's name.</summary>
    public string Server => server;

    /// <summary>Runs a script and gives what it printed.</summary>
    /// <exception cref="StepFailure">It ended with another code than 0, or printed without end.</exception>
    public async Task<string> RunAsync(string script, CancellationToken cancellationToken)
    {
        using var said = new MemoryStream();
        var errors = new Tail(KeptErrors);
        var program = RemoteProgram.ForCommand(new RemoteCommand { Script = script, Timeout = ScriptTimeout });
        var code = await shell.RunAsync(program, new SessionIo(Keep(said), Keep(errors)), ScriptTimeout, cancellationToken);
        Require(code, errors);
        return Text(said);
    }

    /// <summary>Runs a script that reads a stream, and gives what it printed apart from <see cref="TransferScripts.Go"/>, on which it is sent: not at all when the script ends without.
    /// Nothing ends it once the stream was sent.</summary>
    /// <exception cref="StepFailure">It ended with another code than 0, or printed without end.</exception>
    public async Task<string> SendAsync(string script, long length, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        using var room = await budget.TakeAsync(length, cancellationToken);
        using var said = new MemoryStream();
        var errors = new Tail(KeptErrors);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        async Task WriteAsync(Stream target, CancellationToken token)
        {
            await go.Task.WaitAsync(token);
            await write(target, token);
        }

        var code = await shell.RunAsync(RemoteProgram.ForData(script), new SessionIo(Keep(said, go), Keep(errors), WriteAsync), SendTimeout, cancellationToken);
        Require(code, errors);
        var answer = Text(said);
        return answer.StartsWith(GoLine, StringComparison.Ordinal) ? answer[GoLine.Length..] : answer;
    }

    private static string Text(MemoryStream said) => Encoding.UTF8.GetString(said.GetBuffer(), 0, (int)said.Length);

    private void Require(int? code, Tail errors)
    {
        if (code != 0)
        {
            throw new StepFailure($"{server}: {Explain(code, errors.ToString().Trim())}", code);
        }
    }

    private static Sentence Explain(int? code, string error)
    {
        bool Says(string text) => error.Contains(text, StringComparison.OrdinalIgnoreCase);
        var why = error switch
        {
            _ when code is null => Sentence.Of("the upload took too long."),
            _ when Says("No space left on device") => "the disk is full. Free some room, or keep fewer releases.",
            _ when Says("Disk quota exceeded") => "the user's disk quota is used up. Free some room, or raise it.",
            _ when Says("Read-only file system") => "the file system is read-only. Mount it for writing, or deploy to another path.",
            _ when Says("Permission denied") || Says("Operation not permitted") => "the user may not write there. Give the folder to this user, or deploy to another path.",
            _ when Says("not found") => "a tool is missing. Install sh, tar, cp, mv, ln, find and sha256sum.",
            _ => "the release could not be put in place.",
        };
        return error.Length == 0 ? why : $"{why} It said: {error}";
    }

    private static OutputSink Keep(Tail tail) => (bytes, _) =>
    {
        tail.Add(bytes.Span);
        return ValueTask.CompletedTask;
    };

    private OutputSink Keep(MemoryStream all, TaskCompletionSource? go = null) => async (bytes, cancellationToken) =>
    {
        if (all.Length + bytes.Length > LongestAnswer)
        {
            throw new StepFailure($"{server}: it printed more than {ByteSize.Text(LongestAnswer)} where a list of files was asked for. Look at what its shell prints at the start, and at the tools of an upload there.");
        }

        var known = Math.Max(0, (int)all.Length - GoLine.Length);
        await all.WriteAsync(bytes, cancellationToken);
        if (go is not null && all.GetBuffer().AsSpan(known..(int)all.Length).IndexOf(Encoding.ASCII.GetBytes(GoLine)) >= 0)
        {
            go.TrySetResult();
        }
    };
}
