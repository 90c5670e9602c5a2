using DevOps.Core.Refusals;

namespace DevOps.Core.Pipeline;

/// <summary>A step failed: the work of the user or of a server is at fault, trying again without a change will not help.
/// The sentence is for the operator and says what to do.</summary>
public class StepFailure(Sentence said, int? exitCode = null, Exception? inner = null) : Exception(said.ToString(), inner), ISaid
{
    /// <inheritdoc/>
    public Sentence Said { get; } = said;

    /// <summary>Exit code of the command that decided it.</summary>
    public int? ExitCode { get; } = exitCode;
}

/// <summary>A server could not be reached, or the connection broke: what happened on it is unknown.</summary>
public sealed class HostUnreachable(string server, Sentence said, Exception? inner = null) : StepFailure($"{server}: {said}", null, inner)
{
    /// <summary>The server's name (or address, before it has one).</summary>
    public string Server { get; } = server;
}

/// <summary>A server shows another host key than the pinned one. Nothing was sent to it.</summary>
public sealed class HostKeyChanged(string server, string pinned, string presented)
    : StepFailure($"{server} shows the host key {presented}, but {pinned} is pinned. Nothing was sent. If the server was rebuilt, confirm its new key on the server's page; if not, someone may stand between.")
{
    /// <summary>The server's name.</summary>
    public string Server { get; } = server;

    /// <summary>Fingerprint of the pinned key.</summary>
    public string Pinned { get; } = pinned;

    /// <summary>Fingerprint of the key that was shown.</summary>
    public string Presented { get; } = presented;
}

/// <summary>The container engine is away or broke off. The step did not fail by its own fault and may be tried again.</summary>
public sealed class EngineUnavailable(Sentence said, Exception? inner = null) : Exception(said.ToString(), inner), ISaid
{
    /// <inheritdoc/>
    public Sentence Said { get; } = said;
}
