using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DevOps.Infrastructure.Persistence.Configurations;

internal sealed class DeploymentCountConfiguration : IEntityTypeConfiguration<DeploymentCount>
{
    public void Configure(EntityTypeBuilder<DeploymentCount> builder)
    {
        builder.ToTable("deployment_counts");
        builder.Property(c => c.Status).AsWord();
    }
}
