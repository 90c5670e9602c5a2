namespace DevOps.Core.Refusals;

/// <summary>A request that was understood and refused. What it says is for the person who asked; it holds no secret.</summary>
public abstract class Refusal(Sentence said) : Exception(said.ToString()), ISaid
{
    /// <inheritdoc/>
    public Sentence Said { get; } = said;
}

/// <summary>The thing asked for is not there, or may not be seen by who asked.</summary>
public sealed class NotFound(Sentence what) : Refusal($"{what} was not found.")
{
    /// <summary>What was looked for, such as <c>Project shop</c>.</summary>
    public Sentence What { get; } = what;
}

/// <summary>The actor may not do this.</summary>
public sealed class Forbidden(Sentence said) : Refusal(said);

/// <summary>The request does not fit the present state.</summary>
/// <param name="reason">A stable word for programs, such as <c>exists</c> or <c>hostKeyChanged</c>.</param>
/// <param name="said">A sentence that says which state stands in the way and what to do.</param>
public sealed class Conflict(string reason, Sentence said) : Refusal(said)
{
    /// <summary>A stable word for programs, such as <c>exists</c> or <c>hostKeyChanged</c>.</summary>
    public string Reason { get; } = reason;
}

/// <summary>The row was changed by someone else since it was read (HTTP 412).</summary>
public sealed class Stale(Sentence what) : Refusal($"{what} was changed by someone else in the meantime. Read it again and repeat the change.");

/// <summary>Something this process depends on is away (HTTP 503).</summary>
public sealed class Unavailable(Sentence said) : Refusal(said);
