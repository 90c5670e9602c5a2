using System.Text.Encodings.Web;
using System.Text.Json;
using DevOps.Blazor.Access;
using DevOps.Blazor.Ui;
using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Infrastructure.Projects;
using DevOps.Infrastructure.Webhooks;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Webhooks;

/// <summary>One delivery: verdict, headers, body, and the button to send it again.</summary>
public partial class DeliveryPage
{
    // Read by people: Chinese stays Chinese. Razor encodes what HTML would take amiss.
    private static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private DeliveryDetail? _detail;
    private string? _body;
    private bool _mayRepeat;

    /// <summary>Key of the project.</summary>
    [Parameter]
    public string Key { get; set; } = "";

    /// <summary>Number of the delivery.</summary>
    [Parameter]
    public long Id { get; set; }

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private ProjectQueries ProjectList { get; set; } = default!;

    [Inject]
    private DeliveryQueries Deliveries { get; set; } = default!;

    [Inject]
    private RepeatDelivery Repeat { get; set; } = default!;

    [Inject]
    private Attempts Attempts { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    /// <inheritdoc/>
    protected override bool Concerns(Change change) => change.Kind == ChangeKind.Delivery && change.Id == Id;

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (_detail is not null && _detail.Delivery.Id != Id)
        {
            await ReadAsync();
        }
    }

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        var actor = await Actors.GetAsync();
        _detail = await Deliveries.GetAsync(actor, Key, Id, cancellationToken);
        _mayRepeat = actor.May(Permission.Deploy, (await ProjectList.GetAsync(actor, Key, cancellationToken)).Project.Id);
        _body = _detail.Body is { } body ? Indented(body) : null;
    }

    private static string Indented(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return JsonSerializer.Serialize(document.RootElement, Pretty);
        }
        catch (JsonException)
        {
            // What is no JSON is shown as it came.
            return body;
        }
    }

    private async Task RepeatAsync() => await Attempts.RunAsync(async () =>
    {
        var receipt = await Repeat.RunAsync(await Actors.GetAsync(), Key, Id, CancellationToken.None);
        if (receipt.Kind == ReceiptKind.Accepted)
        {
            Attempts.Say(Text["Repeated", string.Join(", ", receipt.Deployments.Select(d => $"#{d}"))]);
        }

        Navigation.NavigateTo(AppUrls.Project(Key, "triggers"));
    });
}
