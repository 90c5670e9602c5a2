using DevOps.Blazor.Ui;
using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;

namespace DevOps.Blazor.Access;

/// <summary>Makes a personal token and shows its text, once.</summary>
public sealed partial class TokenDialog
{
    private static readonly int[] Lives = [7, 30, 90, 180, 365];

    private readonly FormState _form = new();
    private string _name = "";
    private TokenScope _scope = TokenScope.Read;
    private int _days = 30;
    private NewPersonalToken? _made;

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private CreatePersonalToken Create { get; set; } = default!;

    [Inject]
    private IOptions<AccessOptions> Options { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private int Most => Options.Value.PersonalTokenDays;

    private IEnumerable<int> Choices => Most == 0 ? [.. Lives, 0] : Lives.Where(d => d < Most).Append(Most).Where(d => d != 366);

    /// <inheritdoc/>
    protected override void OnInitialized() => _days = Choices.Contains(_days) ? _days : Choices.Last();

    private PersonalTokenDraft Draft => new() { Name = _name.Trim(), Scope = _scope, ExpiresAt = _days == 0 ? null : Time.GetUtcNow() + TimeSpan.FromDays(_days) };

    private void Judge(Faults faults) => Draft.Check(latest: null, Time.GetUtcNow(), faults);

    private async Task CreateAsync() => await _form.RunAsync(async () => _made = await Create.RunAsync(await Actors.GetAsync(), Draft, CancellationToken.None));
}
