using DevOps.Blazor.Access;
using DevOps.Blazor.Ui;
using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Infrastructure.Notifications;
using DevOps.Infrastructure.Projects;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DevOps.Blazor.Notifications;

/// <summary>Adding, changing, testing and deleting a channel, with its last messages.</summary>
public partial class ChannelPage
{
    private const int Messages = 20;

    private readonly FormState _form = new();
    private ChannelModel? _model;
    private ChannelView? _channel;
    private ChannelTest? _answer;
    private Listing<DeliveryView>? _deliveries;
    private IReadOnlyList<string> _projects = [];

    /// <summary>Name of the channel; none for a new one.</summary>
    [Parameter]
    public string? Name { get; set; }

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private ChannelQueries Channels { get; set; } = default!;

    [Inject]
    private ProjectQueries Projects { get; set; } = default!;

    [Inject]
    private CreateChannel Create { get; set; } = default!;

    [Inject]
    private ChangeChannel Change { get; set; } = default!;

    [Inject]
    private DeleteChannel Delete { get; set; } = default!;

    [Inject]
    private DialogService Dialogs { get; set; } = default!;

    [Inject]
    private Attempts Attempts { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    /// <inheritdoc/>
    protected override bool Concerns(Change change) => change.Kind is ChangeKind.Channel && Name is not null;

    // What is typed stays: only the first look fills the form, later ones bring messages.
    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        var actor = await Actors.GetAsync();
        actor.Demand(Permission.NotificationEdit);
        if (Name is not null)
        {
            _deliveries = await Channels.DeliveriesAsync(actor, Name, PageRequest.Of(1, Messages), cancellationToken);
        }

        if (_model is null)
        {
            _projects = [.. (await Projects.ListAsync(actor, PageRequest.Of(1, PageRequest.MaxPageSize), null, cancellationToken)).Items.Select(p => p.Project.Key).Order(StringComparer.Ordinal)];
            _channel = Name is null ? null : await Channels.GetAsync(actor, Name, cancellationToken);
            _model = _channel is null ? new ChannelModel() : ChannelModel.Of(_channel);
        }
    }

    private async Task SaveAsync()
    {
        var draft = _model!.Draft();
        var done = await _form.RunAsync(async () =>
        {
            var actor = await Actors.GetAsync();
            await (_channel is { } old ? Change.RunAsync(actor, draft, old.Revision, CancellationToken.None) : Create.RunAsync(actor, draft, CancellationToken.None));
        });
        if (done)
        {
            Attempts.Say(Shell["Saved"]);
            Navigation.NavigateTo(AppUrls.Notifications);
        }
    }

    private async Task DeleteAsync()
    {
        var question = new Confirmation(Text["DeleteTitle", Name!], Text["DeleteText"], Shell["Delete"]);
        if (await Dialogs.ConfirmAsync(question)
            && await Attempts.RunAsync(async () => await Delete.RunAsync(await Actors.GetAsync(), Name!, CancellationToken.None), Text["Deleted", Name!]))
        {
            Navigation.NavigateTo(AppUrls.Notifications);
        }
    }
}
