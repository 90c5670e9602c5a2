using DevOps.Core.Refusals;

namespace DevOps.Infrastructure.Net;

/// <summary>An address that a person gave must not be reached (<see cref="OutgoingGuard"/>).</summary>
public sealed class AddressForbidden() : HttpRequestException("this address must not be asked"), ISaid
{
    /// <inheritdoc/>
    public Sentence Said => "this address must not be asked";
}
