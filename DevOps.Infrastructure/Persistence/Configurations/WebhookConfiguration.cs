using DevOps.Core.Projects;
using DevOps.Core.Webhooks;
using DevOps.Infrastructure.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DevOps.Infrastructure.Persistence.Configurations;

internal sealed class DeliveryConfiguration : IEntityTypeConfiguration<Delivery>
{
    public void Configure(EntityTypeBuilder<Delivery> builder)
    {
        builder.ToTable("deliveries");
        builder.Property(d => d.Provider).AsWord();
        builder.Property(d => d.SenderId).HasMaxLength(DeliveryReader.MaxId);
        builder.Property(d => d.Event).HasMaxLength(100);
        builder.Property(d => d.Ref).HasMaxLength(250);
        builder.Property(d => d.CommitSha).HasMaxLength(64);
        builder.Property(d => d.Sender).HasMaxLength(256);
        builder.Property(d => d.Outcome).AsWord();
        builder.Property(d => d.Verdict).AsJson();
        builder.Property(d => d.Address).HasMaxLength(64);
        builder.Property(d => d.Headers).AsJson();
        builder.HasIndex(d => new { d.ProjectId, d.Id });
        builder.HasIndex(d => new { d.ProjectId, d.Provider, d.SenderId }).IsUnique().HasFilter("cardinality(deployments) > 0");
        builder.HasIndex(d => new { d.ProjectId, d.ReceivedAt }).IsUnique().HasFilter("outcome = 'rejected'");
        builder.HasIndex(d => d.ReceivedAt);
        builder.HasOne<Project>().WithMany().HasForeignKey(d => d.ProjectId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class WebhookSecretConfiguration : IEntityTypeConfiguration<WebhookSecret>
{
    public void Configure(EntityTypeBuilder<WebhookSecret> builder)
    {
        builder.ToTable("webhook_secrets");
        builder.HasKey(s => s.ProjectId);
        builder.Property(s => s.ProjectId).ValueGeneratedNever();
        builder.HasOne<Project>().WithMany().HasForeignKey(s => s.ProjectId).OnDelete(DeleteBehavior.Cascade);
    }
}
