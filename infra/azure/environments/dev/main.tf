terraform {
  required_version = ">= 1.6"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.42"
    }
  }

  # A lease on the blob is the lock; it says who holds it and since when.
  backend "azurerm" {
    storage_account_name = "mysdevbackupstorage"
    container_name       = "tfstate"
    key                  = "new.tfstate"
    use_azuread_auth     = true
  }
}

provider "azurerm" {
  features {
    resource_group {
      prevent_deletion_if_contains_resources = true
    }
    key_vault {
      purge_soft_delete_on_destroy    = false
      recover_soft_deleted_key_vaults = true
    }
  }
}

variable "administrator_password" {
  description = "Of the pipeline's role on the database server; not asked for when new is destroyed."
  type        = string
  sensitive   = true
  default     = null
}

module "new" {
  source = "../../modules/site"

  organisation           = "mys"
  environment            = "dev"
  short                  = "dev"
  zone                   = { name = "mystira.app", resource_group = "dns-zone-rg" }
  databases              = ["publisher_db", "chain_db", "story_generator_db"]
  nodes                  = { size = "Standard_D2s_v5", count = 2 }
  server                 = { sku = "B_Standard_B2s", storage_mb = 32768, backup_days = 7 }
  administrator_password = var.administrator_password
}
